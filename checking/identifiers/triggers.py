"""Whether a text holds anything a rule could begin with. Most texts do not, and need no rule."""

import re

from .views import View

# Every rule needs a digit, one of these signs, or one of the words below. Words are looked for by their
# beginning, those in INSIDE anywhere, because names are run together: "janeatgmaildotcom".
_SIGNS = r"[\d@_$#/|&%+*]|![a-z]|[a-z]\.[a-z]|[(\[{<*\"-] ?a ?[)\]}>*\"-]|(?<![a-z])(?:a (?:c|roba)|i g|[il][-.])|[a-z]:[a-z]"
_INSIDE = (
    "dot punto punkt gmail gmial hotmail yahoo outlook icloud proton gmx insta gram snap telegr discord tiktok twitter "
    "facebook reddit whats signal social street strasse"
)
_OF_NETWORKS = (
    "aht arr arob att aet klam apen apes doht daht dott period pto point pont punt at chez bei e-mail email mail correo courriel googlemail "
    "hot ym mac pm web aol live msn blue hispeed sunrise posteo mailbox tuta tutanota fast zoho orange free laposte sfr wanadoo t-online hey "
    "yandex btinternet sky virgin talktalk comcast verizon sbcglobal shaw rogers telus bell sympatico bigpond optusnet xtra slingshot kpnmail ziggo xs4all planet "
    "telefonica prodigy chello aon linktree roblox finsta platforms fortnite minecraft battle epic clubhouse yubo wizz fetlife sniffies growlr hornet taimi mewe ask strava "
    "letterboxd zenly slack bandcamp mixcloud deviantart vsco depop vinted wallapop jodel xing lovoo hyves tuenti kakao zalo bbm jami nostr simplex clash chess duolingo "
    "lovense joyclub quoka flickr medium substack cash xbox chime revolut monzo twint inst ints sn wasap wickr threema disc tik face messenger kik grindr tinder linked bsky mastodon "
    "viber chat weixin venmo onlyfans twitch skype icq jabber xmpp tube cloud bereal hinge bumble scruff soundcloud tumblr pinterest paypal zelle bizum steam psn playstation gamertag vkontakte "
    "badoo okcupid feeld recon romeo planetromeo keybase spotify patreon ig sc tg tele wa fb session line wire element matrix threads x dc yt tt twt vk briar meta forum foro tel"
)
_OF_NAMES = (
    "handle user usr login screen nick usuari apodo benutzer nutzer pseudo gamer gebruik goes going known calls nennt heisst llama fait online dm vendor seller dealer plug vendedor "
    "verkaufer account acct profile add hmu follow perfil profil alias nym moniker same avatar posts chats plays streams sells under guion barra unter tiret liggend sublinhado"
)
_OF_PLACES = (
    "corner cnr intersection esq ecke angle hoek liv stay resid house home flat apartment squat tent camp room place sleep viv woh habit woon casa edificio door building "
    "apt unit calle av barrio col hotel motel inn hostel shelter dorm hostal albergue pension foyer heim lodge strasse platz allee weg entre loge vit demeure "
    "owns appt appart cite crib lodg upstairs downstairs roommate landlord porter conserje concierge buz mailbox paquete next opposite across frente enfrente neben gegenuber "
    "mandar enviar llevar mandalo domicil timbre klingel post zip"
)
_OF_STREETS = "st rd ave av blvd road avenue"
_OF_CARS = "plate vanity personali private number licen lic rego reg tag"
_WORDS = sorted(
    {*_OF_NETWORKS.split(), *_OF_NAMES.split(), *_OF_PLACES.split(), *_OF_STREETS.split(), *_OF_CARS.split()}, key=len
)
_WHOLE = {word for word in _WORDS if len(word) <= 3} | {"same", "line", "next"}


def _pattern() -> re.Pattern[str]:
    whole = "|".join(re.escape(word) for word in _WORDS if word in _WHOLE)
    begun = "|".join(re.escape(word) for word in _WORDS if word not in _WHOLE)
    return re.compile(rf"{_SIGNS}|{'|'.join(_INSIDE.split())}|(?<![a-z])(?:(?:{whole})(?![a-z])|{begun})")


_TRIGGER = _pattern()


def is_worth_a_look(view: View) -> bool:
    """True where some rule could find something; never false where one would."""
    return _TRIGGER.search(view.text) is not None
