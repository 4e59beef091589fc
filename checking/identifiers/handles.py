"""Names that people go by on networks: "@name", "insta: name", "t.me/name", "name on snapchat"."""

import csv
import re
from collections.abc import Iterator
from functools import cache

from .found import Found
from .views import DATA, View

# Words that are nothing else than the name of a network.
_NETWORK = (
    r"[il1]nsta(?:gram|gam)?|inst@|linktree|roblox|the gram|gram|finsta|socials|all socials|social media|all platforms|fortnite|minecraft|battle\.?net|epic games|clubhouse|yubo|wizz|fetlife|sniffies|growlr|hornet|taimi|mewe|ask\.?fm|strava|letterboxd|zenly|groupme|slack|bandcamp|mixcloud|deviantart|vsco|depop|vinted|wallapop|jodel|xing|lovoo|hyves|tuenti|kakaotalk|kakao|zalo|bbm|jami|nostr|simplex|clash|chess\.com|duolingo|lovense|joyclub|quoka|flickr|medium|substack|signal app|instagr\.am|tele ?gram|blue ?sky|cash ?tag|xbox live|chime|revolut|monzo|twint|1nsta(?:gram)?|inst4|instgram|intsa|snap ?chat|snapch|sn@p(?:chat)?|snpchat|telegram(?:m|me)?|tele ?gram|telegr4m|whats ?app|wasap|wickr(?: ?me)?|threema|discord|disc0rd|"
    r"tik ?-?tok|tiktok|twitter|facebook|face ?book|messenger|reddit|kik|grindr|tinder|linkedin|linked in|bluesky|bsky|mastodon|viber|we ?chat|weixin|venmo|"
    r"cash ?app|onlyfans|twitch|skype|icq|jabber|xmpp|you ?tube|bereal|hinge|bumble|scruff|soundcloud|tumblr|pinterest|"
    r"paypal|zelle|bizum|steam|xbox|psn|playstation|gamertag|vkontakte|badoo|okcupid|feeld|recon|romeo|planetromeo|keybase|spotify|patreon"
)
# Words that mean other things too, or are two letters.
_WEAK = r"ig|i\.g\.|i g|sc|tg|tele|inst|wa|fb|face|snap|signal|session|line|wire|element|matrix|threads|x|dc|yt|tt|twt|vk|simplex|briar|blue sky|meta|wickr|cash"
_MARK = (
    r"(?: {0,2}(?:[:=,;|(\[./>)\]\x22\x27]|->|-|@|handle:?|is:){1,2} {0,2}|'s {1,2}|(?: {1,2}|(?<= ))(?:he is|she is|they are|he's|she's|heisst(?: er| sie)?|heet|streamer|channel|at|is|are|es|ist|c'est|handle|user ?-?name|usuario|username is|ends in|starts with|user|nick(?:name)?|name|named|id|acct|account|acc|cuenta|konto|kanal|"
    r"profile|profil|perfil|tag|als|as|como|como es|comme|unter|under|sous|alias|aka|add|me as|by|me|page|pseudo|heet|naam|nombre|compte|@)(?: ?[:=@])? {1,2}){1,3}"
)
_WHO = r"[a-z_\d$][a-z\d_.$-]{1,30}[a-z\d_]"
_LIKE = re.compile(r"[a-z_.\d-]{0,30}(?:[a-z]{2}\d|\d[a-z]{2}|[_]|[a-z]\.[a-z\d])[a-z_.\d-]{0,30}")

_AT_NAME = re.compile(
    r"(?<![a-z\d.])@ ?(?!(?:room|rt|ambient|about|approx|noon|max|min|start|end|ph|high|low|the|a|an|least|site|lab|work|home|time|temp|scan|peak|lambda|"
    r"reflux|boiling|once|night|midnight|all|clinic|first|bench|counter|event|festival|each|every|and|or|with|for|this|that|around|roughly|base|baseline|top|same|"
    r"different|various|full|half|ca|circa|near|[munk]?g|[mu]l|uv|nm|ir|dose|conc|concentration|present|last|next|our|my|his|her|door|table|front|back|rear|side|left|right|cent(?:er|re)|edge|middle|"
    r"desk|station|harbou?r|riverside|van|tent|booth|intake|drop|pickup|lunch|dawn|dusk|signal|isocratic|gradient|split|splitless|flow|pressure)(?![a-z\d_.]))"
    r"(?P<who>[a-z_][a-z\d_.]{1,30}|\d{1,4}[a-z_]{3,30}[a-z\d_.]{0,20})"
)
_TEMPERATURE = re.compile(r"\d{1,4}(?:rpm|deg\w*|celsius|min\w*|nm|ppm|psi|bar|scans?|eev|sec\w*|hrs?|hours?|x)")
_PLACE = re.compile(
    r"(?<![a-z\d])(?:t\.me|telegram\.me|wa\.me|instagram\.com|instagr\.am|ig\.me|facebook\.com|fb\.com|fb\.me|m\.me|linkedin\.com(?:/in)?|discord\.gg|discord\.com|reddit\.com(?:/u(?:ser)?)?|"
    r"linktr\.ee|cash\.app|cash\.me|paypal\.me|venmo\.com|twitter\.com|x\.com|tiktok\.com|snapchat\.com(?:/add)?|onlyfans\.com|twitch\.tv|youtube\.com|youtu\.be|"
    r"soundcloud\.com|github\.com|bsky\.app(?:/profile)?|threads\.net|vk\.com|line\.me|signal\.me|matrix\.to|keybase\.io|ko-fi\.com|[a-z]{2,20}\.tumblr\.com) ?/ ?[@a-z\d_.#$+/-]{2,60}"
)
_REDDIT = re.compile(r"(?<![a-z\d/])/?u/ ?[a-z\d_-]{3,30}(?![a-z])")
_DISCORD = re.compile(
    r"(?<![a-z\d_.])(?!(?:lot|run|sample|vial|batch|strip|kit|file|inj|scan|no|nr|item|part|note|box|tray|rack|case|id|ref|hit|peak|spectrum|injection|test|order|method|column|bag|seq)#)[a-z_][a-z\d_.]{1,30} ?#\d{4}(?!\d)"
)
_CASHTAG = re.compile(r"(?<![a-z\d])\$[a-z_][a-z\d_-]{2,30}")
_MATRIX = re.compile(
    r"(?<![a-z\d])[a-z\d_.-]{3,30}:(?:matrix\.org|[a-z]{3,20}\.im)(?![a-z])|(?<![a-z\d])@[a-z\d_.-]{2,30}(?::|@)[a-z\d.-]{3,40}"
)
_AFTER = re.compile(rf"(?<![a-z\d])(?P<net>{_NETWORK})(?:'s)?(?P<mark>{_MARK}| {{1,2}}|/)(?P<who>{_WHO})(?![a-z\d])")
_AFTER_WEAK = re.compile(rf"(?<![a-z\d.])(?P<net>{_WEAK})(?P<mark>{_MARK}| {{1,2}}|/)(?P<who>{_WHO})(?![a-z\d])")
_BEFORE = re.compile(
    rf"(?<![a-z\d@.])(?P<who>[a-z\d_][a-z\d_.-]{{1,30}}[a-z\d_]) {{1,2}}(?:on|over|via|en|in|auf|bei|sur|op|at|from|de|through|por|per|by|@|\(|no|na|per|is (?:his|her|the|their)|for)? {{0,2}}(?:the |his |her |my |their |la |el )?"
    rf"(?P<net>{_NETWORK}|ig|fb|snap|tg|signal|threads|session|sc)(?![a-z\d])"
)
_BY_NAME = re.compile(
    r"(?<![a-z\d])(?:handle|user ?-?name|user(?= ?[:=])|usr|login|screen ?-?name|nick ?-?name|nick|usuari[oa](?: de \w{1,12})?|apodo|benutzer(?:name)?|nutzername|pseudo(?:nyme)?|gamer ?tag|gebruikersnaam|"
    r"goes by|going by|known as|calls? (?:him|her|them)self|se llama|se hace llamar|nennt sich|heisst online|se fait appeler|online as|dms? open|my at|vendor|seller|dealer|plug|vendedor|verkaufer|account name|acct name|profile name|add me|add him|add her|hmu|dm(?: me| him| her)?|pm(?: me| him| her)?|follow|perfil|profil)"
    r"(?: {0,2}(?:is|:|=|es|ist|->|-|@|as|como|the name|at|on|en|under|\w{2,10} is) {0,2}| ){1,2}(?P<who>[@a-z_\d][a-z\d_.-]{1,30}[a-z\d_])(?![a-z])"
)
_ADDED = re.compile(
    rf"(?<![a-z\d])(?:contact|reach|ping|write|text|hit up|from|add|find|follow|search(?: for)?|look up|ask for|by|under|sigue a|seguir a|agrega(?:r)?(?: a)?|busca(?:r|la|lo)?(?: a)?|escrib\w{1, 3}(?: a)?|contactar a|anade a|anadir a|schreib|unter|s'appelle|ajouter|volg|dm|msg|message|pm|hmu|at|is|user|called|named|as|como|als|es|heisst|llama|encuentran como|zoek|ajoute|suis|goes by|known as) (?:[a-z]{2, 12} (?=[a-z]{2, 12} (?:on|en) ))?(?P<who>[a-z_\d][a-z\d_.-]{{2,30}}[a-z\d_]),? (?:on|over|via|en|in|auf|bei|sur|op|por|per|at) (?:the |her |his |el |la )?"
    rf"(?:{_NETWORK}|ig|fb|snap|tg|sc|signal|threads|session|wire|element|forum|foro|the forum|el foro|x)(?![a-z\d])"
)
_DOTTED = re.compile(
    rf"(?<![a-z\d])[a-z\d]{{2,20}} (?:dot|punto|punkt|point) [a-z\d]{{2,20}},? (?:on|en|auf|sur|op|in)? ?(?:{_NETWORK}|ig|fb|snap|tg)(?![a-z\d])|"
    rf"(?<![a-z\d])(?:{_NETWORK}|ig|fb|snap|tg)(?: handle| user| name| is| es| ist|:){{0,2}} [a-z\d]{{2,20}} (?:dot|punto|punkt|point) [a-z\d]{{2,20}}"
)
_SLASHED = re.compile(
    rf"(?<![a-z\d])(?:{_NETWORK}|ig|fb|t|wa|u|r|linktr)(?: ?(?:dot|punto|point|punkt|\.) ?(?:com|me|gg|ee|app))?(?: (?:forward ?)?slash | barra |/)(?:u(?: slash |/)|@)?[a-z_][a-z\d_.-]{{3,30}}"
)
_LATER = re.compile(
    rf"(?<![a-z\d])(?P<net>{_NETWORK}|ig)(?: [a-z']{{1,12}}){{1,4}}? (?:como|as|als|comme|under|unter|named|called|is|es|ist|name|handle)(?: @|:)? (?P<who>[a-z\d_][a-z\d_.-]{{2,30}}[a-z\d_])(?![a-z\d])"
)
# "snap de el: nachin", "insta of his girlfriend = x"
_OWNED = re.compile(
    rf"(?<![a-z\d])(?P<net>{_NETWORK}|ig|fb|snap|tg|sc|signal)(?: [a-z']{{1,12}}){{1,4}} ?[:=] ?[\"'(@]{{0,2}}(?P<who>[a-z\d_][a-z\d_.-]{{2,30}}[a-z\d_])(?![a-z\d])"
)
# A made-up name soon after the name of a network: "reddit account was old_spoon_blues".
_SAID_NETWORK = re.compile(rf"(?<![a-z\d.])(?:{_NETWORK}|ig|fb|tg)(?![a-z\d])")
_MADE_UP = re.compile(
    r"(?<![\w.@/-])(?:(?=[a-z\d.]{0,20}_)[a-z\d_][a-z\d_.]{3,30}|[a-z\d]{2,20}\.[a-z]{2,20}|[a-z]{4,20}\d{2,4})(?![\w-])(?!\.[a-z])"
)
_ENDS_LIKE_A_FILE = re.compile(
    r"\.(?:csv|pdf|png|jpe?g|raw|spa|spc|txt|mzml|com|org|net|ca|uk|es|de|it|at|in|on|to|so|of|or|if|as|we|no|us|me|my|by|la|el|se|lo|un|en|y|she|he|the|they|it|also|and|but|no|not|was|is|said|test\w*|result\w*|sold|bought|looks?|white|blue|pink)$"
)
NEAR = 32  # characters
_PROFILE = re.compile(
    r"(?<![A-Za-z])(?:[Ff]acebook|FB|[Ff]b|[Ff]ace|[Ll]inked[Ii]n|[Ii]nsta(?:gram)?|[Mm]essenger|[Ss]nap(?:chat)?)(?: (?:name|profile|as|is|page|under|como|es|als|name is))?[:,]? (?P<who>[A-Z][a-z]{1,15}) [A-Z][a-z'-]{1,20}(?![a-z])"
)
_SITE = re.compile(
    r"(?<![a-z\d.-])[a-z\d][a-z\d-]{2,30}\.(?:tumblr|bandcamp|substack|wordpress|blogspot|carrd|github|weebly|deviantart)\.(?:com|io|co)(?![a-z])"
)
_BARE = re.compile(r"(?<![\w.@/#-])(?=[a-z\d.]{0,20}_)[a-z_][a-z\d_.]{3,30}(?![\w-])(?!\.[a-z])")
_LAB_TOKEN = re.compile(
    r"(?:scans?|screen\w*|gc|lc|gcms|lcms|ms|blanks?|qc|cal|calib\w*|std|standard|test\w*|runs?|seq\w*|strips?|drug\w*|fent\w*|meth|v|rep|inj\w*|smp|samples?|lots?|batch\w*|sop|lib|library|"
    r"tune|data|files?|plates?|vials?|nit\w{2,}|xyl\w*|benzos?|pos|neg|ctrl|control|ftir|spec\w*|rt|mix|dil\w*|wash|hplc|raman|dart|uv|ng|mg|ml|not|in|no|of|to|method\w*|export|report\w*|"
    r"final|old|new|backup|haze|kush|dose|bags?|tabs?|pills?|mdma|ket\w*|coke|opioids?|amp\w*|exp|res|result\w*|site|box|tray|week|day|area|peak|hit|id|key|code|name|value|type|count)"
)
_BRACKET_AT = re.compile(r"(?<![a-z\d.] )(?<![a-z\d.])[(\[{<](?:at|@)[)\]}>] ?[a-z_][a-z\d_.]{2,30}")
_ALIAS = re.compile(
    r"(?<![a-z])(?:alias|nickname|nick|nym|moniker|call ?sign|screenname|same|avatar) ?[:=] ?@?(?P<who>[a-z_][a-z\d_.-]{3,30})(?![a-z])|(?<![a-z])(?:online|posts|chats|plays|streams|sells online) as (?P<other>[a-z_][a-z\d_.-]{3,30})(?![a-z])"
)
_COUNTED = re.compile(
    rf"(?<![a-z\d])(?P<who>[a-z]{{4,20}})(?: \d{{1,4}}){{1,2}},? (?:on|en|auf|sur|op|over|via|por) (?:{_NETWORK}|ig|fb|snap|tg)(?![a-z\d])"
)
_IN_BRACKETS = re.compile(
    rf"(?<![a-z\d])(?P<who>[a-z_][a-z\d_.]{{3,30}}) ?[(\[](?:on )?(?:{_NETWORK}|ig|fb|snap|tg|sc)[)\]]"
)
_DOT_SOCIAL = re.compile(
    r"(?<![a-z\d])[a-z\d_-]{2,30} (?:dot|punto|punkt|point) (?:bsky|mastodon|[a-z]{2,20}) (?:dot|punto|punkt|point) social(?![a-z])|[a-z\d_.-]{2,30} ?(?:@|at) ?[a-z.]{2,20}(?:\.| dot )social(?![a-z])"
)
_SIGNAL = re.compile(
    r"(?<![a-z])signal[ :,@]{1,3}(?:is |me |at |as |him |her |them |id |name |user ){0,3}[a-z_][a-z\d_]{2,30}\.\d{2,6}(?!\d)"
)
_SOCIAL = re.compile(r"(?<![a-z\d])[a-z\d][a-z\d-]{1,30}\.bsky\.social|linked ?in(?:\.com)?[ /:]{1,2}in/[a-z\d-]{3,40}")
_TRADED = re.compile(
    r"(?<![a-z])(?:sold|bought|buy|advert\w*|ads?|listed|marketed|offered|posted|vend\w*|compr\w*|anunci\w*|verkauft|gekauft|angeboten|vendu\w*|achet\w*|gekocht|verkocht|ordered|seller|dealer)(?![a-z])"
)
_UNDERSCORE = re.compile(
    r"(?<![a-z\d])(?:at |@ ?|arroba )?[a-z\d]{2,20} (?:underscore|under score|guion bajo|barra baja|unterstrich|tiret bas|liggend streepje|underline|sublinhado) ?[a-z\d]{0,20}"
)
_AT_SIGN = re.compile(
    r"(?<![a-z\d])(?:at sign|at-sign|arroba|arobase|klammeraffe|apenstaartje|\(at\)|\[at\])(?: es| is| then| ist|:){0,1} {1,2}[a-z_][a-z\d_.]{2,30}"
)

# Words before a name that mean nothing else.
_TELLING = ("user", "handle", "nick", "usuari", "screen", "benutz", "nutzer", "pseudo", "gamer", "gebruik")
_TALKED_OF = frozenset(
    "telegram snapchat whatsapp whats app wasap facebook instagram discord reddit tiktok tik tok twitter youtube messenger steam feeld recon romeo signal medium hornet clash chime gram paypal bumble hinge tinder feeld socials".split()
)
# Of the weak ones, those that stand in any note of the lab.
_ORDINARY = frozenset("x line wire element matrix threads signal session meta cash face".split())
_COMMON = frozenset(
    "pure purity quality grade strong cheap real fake legit good bad best batch brand claims like dissolve high relief release thread threads trend trends avisa comment comments dice dicen hype rumor viral challenge the and for from with seller sellers vendor vendors dealer dealers plug group groups grupo gruppe groupe bot bots channel channels chat chats market ad ads advert post posts "
    "page sold said says order ordered orders purchase purchased message messages as via who user users or but not was is are contact story stories video videos photo "
    "photos link links shop shops store menu menus buy buying bought delivery got had has have this that last week today yesterday only again claims claimed claim app apps "
    "source sources deal deals stuff pills pill powder tabs bars sale sales meetup dm dms calls call text texts warning alert alerts rumour rumor forum sub subreddit in on at by "
    "under says it he she they them we you his her their one two three someone friend friends contacto vendedor como por para con una uno los las del que compra comprado vendido "
    "anuncio canal oferta desde tienda gekauft verkauft anbieter handler kanal aus von als und oder mit uber unter beim vendu achete vendeur annonce canal pour par avec chez est "
    "noise weak strong lost loss level high low at above below below intensity saturated drift is was fine good ok poor effect effects matched blank spike spiked ratio change changed "
    "quality number no none unknown name names user handle account profile test tests testing results result reads reader down up out off time times same also too number "
    "group's ads' photo' listing listings listed pressed blue white pink xan xans xanax perc percs oxy oxys molly mdma ket ketamine coke cocaine heroin fent fentanyl tusi meth acid "
    "lsd 2cb 2c-b m30 m30s oxi cristal pastillas speed keta weed edibles vape vapes cart carts adderall addy addys tranq dope down benzos benzo bars which when where what then than "
    "advertised offered posted marketed delivered pickup mail post next before after during about around near more less very much many few all any some".split()
)
_SOLD = frozenset(
    "xanax mdma ketamine cocaine heroin fentanyl tusi lsd oxycodone adderall speed molly ket coke bars blues percs".split()
)
_DRUG_LIKE = re.compile(
    r"(?:m-?30s?|\d{0,2}c-?[a-z]{1,3}\d?|\d-?[a-z]{2,5}|\d-[a-z]{1,4}-?[a-z]{2,6}|[a-z]{1,2}-?\d{1,3}s?|\d{1,4}(?:mg|ug|ml|g|mcg|x)|\d{1,2}[a-z]{1,2}|u-?\d{5}|\d[a-z]-nbome|oxy-?\d+|perc-?\d+s?|xanax-?\d?|25[a-z]-?[a-z]+|"
    r"\d{1,2}-[a-z]+-[a-z]+|5-?meo-?[a-z]+|1p-?lsd|[\d.:/-]+|db-?\d\w*|hp-?\d\w*|gc-?ms\S*|lc-?ms\S*|s/n|p/n|alpha-?\w+|n-?[a-z]+)"
)


def handles(view: View) -> Iterator[Found]:
    """Handles in the view."""
    text = _undrawn(view.text)
    yield from _by_their_signs(text)
    yield from _behind_networks(text)
    yield from _before_networks(text)
    for match in _PROFILE.finditer(view.cased):
        if _is_strange(match["who"].lower()):
            yield _found(match)
    for match in _BARE.finditer(view.cased):
        if not _is_of_the_lab(match[0]):
            yield _found(match)


def _by_their_signs(text: str) -> Iterator[Found]:
    """What is a handle whatever stands around it: `@name`, `u/name`, `t.me/name`."""
    for pattern in (
        _PLACE,
        _REDDIT,
        _DISCORD,
        _CASHTAG,
        _MATRIX,
        _UNDERSCORE,
        _AT_SIGN,
        _DOTTED,
        _SLASHED,
        _DOT_SOCIAL,
        _BRACKET_AT,
        _SITE,
        _SIGNAL,
        _SOCIAL,
    ):
        yield from (_found(match) for match in pattern.finditer(text))
    for match in _AT_NAME.finditer(text):
        if not _TEMPERATURE.fullmatch(match["who"].rstrip(".")):
            yield _found(match)


def _behind_networks(text: str) -> Iterator[Found]:
    """`insta: name`, `her snap was name`."""
    for match in _AFTER.finditer(text):
        if _is_name(match, text):
            yield _found(match)
    for match in _AFTER_WEAK.finditer(text):
        if _is_marked_as_one(match) or _is_left_at_the_end(match, text):
            yield _found(match)
    for match in _LATER.finditer(text):
        if _is_strange(match["who"]) and not _TRADED.search(text[max(0, match.start() - 40) : match.end()]):
            yield _found(match)
    for match in _OWNED.finditer(text):
        if _is_like(match["who"]) or (match["net"] != "signal" and _is_strange(match["who"])):
            yield _found(match)
    for net in _SAID_NETWORK.finditer(text):
        for match in _MADE_UP.finditer(text, net.end(), net.end() + NEAR):
            if _is_strange(match[0]) and not _ENDS_LIKE_A_FILE.search(match[0]):
                yield _found(match)


def _before_networks(text: str) -> Iterator[Found]:
    """`name on insta`, `goes by name`."""
    for match in _ALIAS.finditer(text):
        if _is_strange(match["who"] or match["other"]):
            yield _found(match)
    for match in _IN_BRACKETS.finditer(text):
        if _is_strange(match["who"]):
            yield _found(match)
    for match in _ADDED.finditer(text):
        if _is_strange(match["who"]) and not _TRADED.search(text[max(0, match.start() - 30) : match.start()]):
            yield _found(match)
    for match in _BEFORE.finditer(text):
        if _is_like(match["who"]):
            yield _found(match)
    for match in _BY_NAME.finditer(text):
        is_told = match[0].startswith(_TELLING) or _is_like(match["who"].lstrip("@"))
        if is_told and match["who"] not in _COMMON:
            yield _found(match)


def _is_marked_as_one(match: re.Match[str]) -> bool:
    """`signal: owl.09`, `ig = name`: a word that means more than a network, and what can only be a name."""
    is_like = _is_like(match["who"]) and not match["who"][0].isdigit()
    return (is_like and bool(match["mark"].strip() or match["net"] not in _ORDINARY)) or _is_plainly_marked(match)


def _is_left_at_the_end(match: re.Match[str], text: str) -> bool:
    """`tg lunakid` and no more."""
    return (
        match["net"] in {"ig", "snap", "tg", "fb", "twt"}
        and not match["mark"].strip()
        and _is_strange(match["who"])
        and match["who"].isalpha()
        and _ends(text, match)
    )


def numbered_handles(view: View) -> Iterator[Found]:
    """Handles with their number apart or in words, once the words are digits: "nightowl eighty-eight on insta"."""
    for match in _COUNTED.finditer(view.text):
        if _is_strange(match["who"]) and not _TRADED.search(view.text[max(0, match.start() - 30) : match.start()]):
            yield _found(match)


def _is_name(match: re.Match[str], text: str) -> bool:
    """After a network's own name: any word that is not an everyday one."""
    who, words = match["who"], match["mark"].split()
    if _is_like(who):
        return True
    if who.isdigit():
        return len(who) >= 5 and "id" in words
    if words and words[-1] in {":", "="} and who not in _COMMON and who not in _SOLD:
        return True
    if not _is_strange(who):
        return False
    if not words:
        # "telegram lunakid" and no more; in the midst of a sentence any word may stand there.
        is_short_form = match["net"] not in _TALKED_OF and not who.endswith(("ed", "ing"))
        return who.isalpha() and len(who) >= 4 and (is_short_form or _ends(text, match))
    if words[-1] in {"-", ",", ";", ".", "channel"}:
        return False
    if words[-1] in {"as", "als", "como", "comme", "by"}:
        return not _TRADED.search(text[max(0, match.start() - 40) : match.start()])
    return True


def _is_of_the_lab(name: str) -> bool:
    """True for names of files and fields: a word of the lab in them, or a day or a long count."""
    parts = re.findall(r"[a-z]+|\d+", name)
    return any(_LAB_TOKEN.fullmatch(part) or (len(part) >= 4 and part.isdigit() and part[:2] != "19") for part in parts)


_DRAWN = str.maketrans("013456!$@|", "oieasbisal")
_LEET = re.compile(r"(?<![a-z\d@])(?=[a-z]{0,12}[\d!$@|])[a-z\d!$@|]{3,14}(?![a-z\d])")
_SPELLED = re.compile(_NETWORK)


def _undrawn(text: str) -> str:
    """The names of networks with digits for letters, as in `t3legram`, written plainly. Places stay the same."""

    def plain(match: re.Match[str]) -> str:
        for ones in ("i", "l"):
            word = match[0].replace("1", ones).translate(_DRAWN)
            if _SPELLED.fullmatch(word):
                return word
        return match[0]

    return _LEET.sub(plain, text)


def _ends(text: str, match: re.Match[str]) -> bool:
    """True where the sentence is over behind a match."""
    return text[match.end() : match.end() + 1] in {"", ",", ".", ";", ")", "("}


def _is_strange(who: str) -> bool:
    """True for a word that neither everyday talk nor the talk of drugs has."""
    return (
        who not in _COMMON and who not in drug_words() and not (_DRUG_LIKE.fullmatch(who) and not _LIKE.fullmatch(who))
    )


@cache
def drug_words() -> frozenset[str]:
    """Names of substances, word by word."""
    words: set[str] = set()
    with (DATA / "substances.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            words.update(re.findall(r"[a-z\d-]{3,}", " ".join(str(value) for value in row.values()).lower()))
    return frozenset(words)


def _is_plainly_marked(match: re.Match[str]) -> bool:
    """`ig: name`, `line id name`: a short word for a network and a sign that a name follows."""
    mark, who = match["mark"].strip(), match["who"]
    if who in _COMMON or not mark or _DRUG_LIKE.fullmatch(who):
        return False
    if match["net"] in {"ig", "fb", "sc", "tg", "snap", "face", "yt", "wickr", "twt"}:
        return mark not in {"-", ",", ".", ";", "(", "/", ">"} and not who.isdigit() and _is_strange(who)
    if match["net"] in {"signal", "session", "wire", "threads", "element"} and mark.split()[-1] in {
        "as",
        "als",
        "como",
        "comme",
        "under",
        "unter",
        "she's",
        "he's",
        "is",
    }:
        return _is_strange(who) and match["net"] != "element"
    return any(word in mark for word in ("user", "handle", "id", "nick", "usuario", "@", "pseudo", "account"))


def _is_like(who: str) -> bool:
    """True for what looks like a made-up name: an underscore, a point inside, letters with digits behind."""
    who = who.rstrip(".-")
    return bool(_LIKE.fullmatch(who)) and not _DRUG_LIKE.fullmatch(who) and who not in _COMMON and len(who) >= 4


def _found(match: re.Match[str]) -> Found:
    return Found("handle", *match.span())
