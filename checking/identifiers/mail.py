"""E-mail addresses, plain, spelled out, or said: "name at gmail dot com", "nombre arroba hotmail punto com"."""

import re
from collections.abc import Iterator

from .found import Found
from .views import View

_AT = (
    r"(?: {0,2}[\[({<_*'\"/-]{1,2} ?(?:at ?sign|at symbol|klammeraffe|apenstaartje|at|@|a|aet|arr|arroba|arobase|ät|apenstaartje|klammeraffe|chez)+ ?[\])}>_*'\"/-]{1,2} {0,2}|"
    r" {0,2}[\\]?@ {0,2}| ?(?:&#0?64;|&commat;|%40) ?|[ ,]{1,2}(?:at sign|at symbol|at-sign|at|a t|aht|att|arr0ba|arr?oba|arroba|arrova|aroba|arobase|arobas|arobaze|aet|klammeraffe|klammeraff|apenstaartje|apestaartje|a commercial|a roba)[ ,]{1,2})"
)
_WORD_AT = re.compile(r" {1,2}at {1,2}$")
_DOT = (
    r"(?: {0,2}[\[({<_*'\"-]{1,2} ?(?:dot|period|\.|punto|punkt|point|ponto|punt) ?[\])}>_*'\"-]{1,2} {0,2}| {0,2}[.] {0,1}|"
    r" {0,2}, {0,1}|,? {1,2}(?:dot|d0t|doht|daht|dott|period|punto|pto|punkt|point|ponto|punt) {1,2})"
)
_JOIN = r"(?: {1,2}(?:dot|punto|punkt|point|ponto|punt|underscore|under score|guion bajo|guion|unterstrich|tiret bas|tiret|liggend streepje|dash|hyphen|minus|plus) {1,2}|[.])"
_NAME = rf"[a-z\d][a-z\d_+'-]{{0,40}}+(?:{_JOIN}[a-z\d][a-z\d_+'-]{{0,40}}+){{0,5}}"
_TLD = (
    r"(?:com|con|cm|c0m|org|net|edu|gov|co|uk|de|ch|at|nl|es|mx|au|nz|ca|us|fr|be|it|pt|br|ie|eu|io|me|info|biz|app|dev|xyz|email|mail|ai|"
    r"online|site|club|live|cat|cl|ar|pe|li|lu|se|no|dk|fi|pl|cz|ru|in|jp|cn|za|nhs|ac|gob|name|pro|example|test|invalid)"
)
_HOST = rf"[a-z\d][a-z\d-]{{0,40}}(?:{_DOT}[a-z\d][a-z\d-]{{0,30}}){{0,3}}{_DOT}{_TLD}(?![a-z\d])"
_PROVIDER = (
    r"(?:g ?-?mail|gmial|gmai|gamil|gmal|gmaill|googlemail|hot ?mail|hotmial|hotmal|otmail|outlook|outlok|yahoo|yaho|yahooo|ymail|icloud|i cloud|me|mac|"
    r"proton ?mail|proton|pm|gmx|web|aol|live|msn|bluewin|hispeed|sunrise|posteo|mailbox|tutanota|tuta|fast ?mail|zoho|"
    r"orange|free|laposte|sfr|wanadoo|t-online|freenet|hey|yandex|mail|btinternet|sky|virgin ?media|talktalk|comcast|verizon|att|sbcglobal|"
    r"shaw|rogers|telus|bell|sympatico|bigpond|optusnet|xtra|slingshot|kpnmail|ziggo|xs4all|planet|telefonica|prodigy|chello|aon|a1)"
)
_LONG_PROVIDER = (
    r"(?:g ?-?mail|gmial|gamil|googlemail|hot ?mail|hotmial|outlook|yahoo|ymail|icloud|proton ?mail|protonmail|gmx|bluewin|posteo|tutanota|"
    r"fast ?mail|laposte|wanadoo|t-online|freenet|yandex|btinternet|bigpond|xtra|ziggo)"
)
_ADDRESS = re.compile(rf"(?<![a-z\d._+-])(?P<name>{_NAME})(?P<at>{_AT})(?P<host>{_HOST})")
_RUN = re.compile(
    r"(?<![a-z\d])[a-z\d._-]{2,30}(?:at|arroba)(?:gmail|hotmail|yahoo|outlook|icloud|protonmail|proton|gmx|live|aol)(?:dot|punto|punkt|\.)?(?:com|net|de|es|mx|co|me|org)(?![a-z])|"
    r"(?<![a-z\d])[a-z\d._-]{3,40}[ ,]{0,2}(?:gmail|hotmail|yahoo|outlook|icloud|protonmail)com(?![a-z])|(?<![a-z\d])(?:gmail|hotmail|yahoo|outlook|icloud|protonmail|proton|bluewin|posteo|gmx|web) (?:dot|punto|punkt|point) (?:com|me|es|de|ch|net|org|mx)(?![a-z])|"
    r"(?<![a-z\d])[a-z\d]{2,20}[._][a-z\d_.]{1,20}@(?=$|[,;)]| (?!\d))|@ ?[a-z][a-z\d-]{2,30} ?\. ?(?:com|org|net|edu|co|de|es|fr|ch|at|nl|mx|ca|au|nz|uk|io|me|info|example|test)(?![a-z])|[a-z\d] ?@ ?[a-z]{3,20} (?:com|org|net|es|de|mx|co uk|fr|ch)(?![a-z])|"
    r"(?<![a-z\d])[a-z\d._]{2,30}[-_. ](?:at|a-t|arroba)[-_. ](?:gmail|hotmail|yahoo|outlook|icloud|protonmail)(?![a-z])"
)
_MISPRINTED = re.compile(
    rf"(?<![a-z\d._+-])[a-z\d][a-z\d._+-]{{1,40}}[#%&]{_LONG_PROVIDER}(?![a-z])|(?<![a-z\d._+-])[a-z\d][a-z\d._+-]{{1,40}}@[ ,]{{1,3}}(?:on |at |en )?{_LONG_PROVIDER}(?![a-z])"
)
_WITH_HOST = re.compile(
    rf"(?<![a-z\d._-])[a-z\d._-]{{2,40}} ?[(\[{{<] ?(?:at|@|arr?oba|arobase|aet) ?[)\]}}>] ?[a-z][a-z\d]{{2,20}}|"
    rf"(?<![a-z\d._-])[a-z\d._-]{{2,40}}\)? ?[(\[{{]{_LONG_PROVIDER}[)\]}}]|@[a-z](?:\.[a-z\d-]{{1,20}}){{2,8}}|"
    rf"(?<![a-z\d._-])[a-z\d._]{{2,40}}[-_](?:at|arroba)[-_][a-z\d]{{2,30}}(?:[-_]dot[-_][a-z]{{2,10}}){{1,3}}|"
    rf"(?<![a-z\d])[a-z\d]{{2,20}} (?:dot|punto|punkt|point) [a-z\d]{{2,20}},? (?:at|on|en|bei|chez|op) [^\x00]{{0,24}}?(?:{_LONG_PROVIDER}|(?:dot|punto|punkt|point) {_TLD})(?![a-z])|"
    rf"(?<![a-z\d._-])[a-z\d._-]{{2,40}} (?:at|chez|bei|beim|op) {_PROVIDER}(?:{_DOT}| )(?:com|de|fr|nl|es|ch|at|net|org|me)(?![a-z\d])"
)
_SHOUTED = re.compile(r"(?<![A-Za-z\d])[a-z\d._]{2,30}(?:AT|ARROBA)[a-z\d-]{2,30}(?:DOT|PUNTO)[a-z]{2,4}(?![A-Za-z])")
_GLUED = re.compile(r"(?<![a-z\d._+-])[a-z\d][a-z\d._+'-]{0,60}@[a-z][a-z\d-]{2,40}(?:\.[a-z\d-]{1,30}){0,4}")
_AT_PROVIDER = re.compile(rf"(?<![a-z\d._+-])(?P<name>{_NAME})(?P<at>{_AT})(?P<host>{_PROVIDER})(?![a-z\d])")
_PROVIDER_DOT = re.compile(
    rf"(?<![a-z\d])[a-z\d][a-z\d._+-]{{1,40}},? {{1,2}}(?:on |en |de |bei |sur )?{_LONG_PROVIDER}(?:{_DOT}| {{1,2}})(?:com|de|es|fr|ch|co|net|nl|at|mx|ca|ch)(?![a-z\d])"
)
_PROVIDER_IS = re.compile(
    rf"(?<![a-z\d])(?:his |her |their |my |su |mi |the )?(?:e-?mail|correo|courriel|{_LONG_PROVIDER})(?: ?(?:add(?:ress|y)|id|account|acct|name|user|adresse|adres))?"
    r" ?(?:is|:|=|->|es|ist|lautet|c'est|->|begins|starts|begins with|starts with|empieza con)+:? {1,2}(?P<who>[a-z\d][a-z\d._+-]{2,40})(?![a-z])"
)
_PROVIDER_TOKEN = re.compile(
    rf"(?<![a-z\d]){_LONG_PROVIDER}(?: ?[:=>-]{{1,2}} ?| {{1,2}})(?P<who>[a-z][a-z_.-]{{1,30}}[._\d][a-z\d._-]{{0,20}})(?![a-z])"
)
_MAIL_IS = re.compile(
    r"(?<![a-z])(?:e-?)?mail(?:-?adresse| ?addy| ?add)? ?(?:is |ist |es |[:=])? ?(?P<who>[a-z][a-z\d]{0,20}[._][a-z\d._-]{2,20})(?![a-z])"
)
_WITH_PROVIDER = re.compile(
    rf"(?<![a-z\d._])(?P<who>[a-z][a-z]{{1,20}}[._\d][a-z\d._-]{{0,20}})(?:,|'s| \()? ?(?:on|en|auf|bei|at|@|con|via|sur|using|uses|at the|op|de|in)? ?{_LONG_PROVIDER}(?![a-z\d])"
)
_PROVIDER_LAST = re.compile(
    rf"(?<![a-z\d])(?:{_LONG_PROVIDER},? {{1,2}}(?P<who>[a-z]{{4,30}}(?=$|[,.;)]))|(?:e-?mail|correo|mail):? {{1,2}}[a-z]{{4,30}},? (?:on |at |en )?{_LONG_PROVIDER}(?![a-z]))"
)
_ON_PROVIDER = re.compile(
    rf"(?<![a-z\d])(?P<who>[a-z]{{3,30}}) (?:on|en|auf|bei|sur|op) {_LONG_PROVIDER}(?![a-z])|(?<![a-z\d])[a-z\d._-]{{3,30}} at proton(?=$|[,.;])"
)
_TALK = frozenset(
    "account contact email mail reach sent send write message find them result results reply copy only also inbox wait".split()
)
# "looked it up at wedinos.org": a place to read, no address.
_READING = frozenset(
    "look looked see seen read posted listed found find available check checked published result results is are was it up info data online "
    "list guide thread database table drugsdata wedinos here there more them shown live as available report reported page details out entry compare compared matches".split()
)
_NOT_A_NAME = frozenset(
    "not none no the a an unknown only if to from was is sent back for and or given needed wanted asked refused pending".split()
)


def mails(view: View) -> Iterator[Found]:
    """E-mail addresses in the view."""
    text = view.text
    if "@" in text:
        yield from (_found(match) for match in _GLUED.finditer(text))
    for match in _ADDRESS.finditer(text):
        is_written_out = re.search(r"dot|punto|punkt|point|ponto|punt", match["host"])
        if is_written_out or not (_WORD_AT.search(match["at"]) and _is_reading(match["name"])):
            yield _found(match)
    for match in _AT_PROVIDER.finditer(text):
        if not _WORD_AT.search(match["at"]) or re.fullmatch(_LONG_PROVIDER, match["host"]):
            yield _found(match)
    yield from (_found(match) for match in _SHOUTED.finditer(view.cased))
    yield from (_found(match) for match in _RUN.finditer(text))
    yield from (_found(match) for match in _MISPRINTED.finditer(text))
    yield from (_found(match) for match in _WITH_HOST.finditer(text))
    yield from (_found(match) for match in _PROVIDER_DOT.finditer(text))
    for match in _PROVIDER_IS.finditer(text):
        if match["who"] not in _NOT_A_NAME:
            yield _found(match)
    yield from (_found(match) for match in _ON_PROVIDER.finditer(text) if match["who"] not in _TALK)
    for match in _PROVIDER_LAST.finditer(text):
        if match["who"] not in _NOT_A_NAME:
            yield _found(match)
    for pattern in (_PROVIDER_TOKEN, _WITH_PROVIDER, _MAIL_IS):
        for match in pattern.finditer(text):
            if any(sign in "._" or sign.isdigit() for sign in match["who"].rstrip(".")):
                yield _found(match)


def _is_reading(name: str) -> bool:
    return name.split()[-1] in _READING


def _found(match: re.Match[str]) -> Found:
    return Found("email", *match.span())
