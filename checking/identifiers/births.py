"""Days on which somebody was born; other days are covered, so that they are not taken for a row of digits.

A day counts as a birth where a word says so, or where nothing that is checked now could be so old.
"""

import re
from collections.abc import Iterator

from .found import Found
from .views import View

# A sample collected, a kit expiring, a file made: all later than this.
FIRST_YEAR_OF_THE_WORK = 2013
OLDEST_YEAR = 1905

_MONTH = (
    r"(?:jan(?:uary|uar|vier|uari|eiro)?|ene(?:ro)?|feb(?:ruary|ruar|rero|ruari)?|fev(?:rier|ereiro)?|mar(?:ch|zo|s|co)?|marz|maerz|maart|mrt|"
    r"apr(?:il)?|abr(?:il)?|avr(?:il)?|may|mayo|mai|mei|maio|june?|juni|junio|juin|junho|july?|juli|julio|juillet|julho|"
    r"aug(?:ust|ustus)?|ago(?:sto)?|aout|sept?(?:ember|iembre|embre|iember)?|set(?:iembre|embro)?|okt(?:ober)?|oct(?:ober|ubre|obre)?|out(?:ubro)?|"
    r"nov(?:ember|iembre|embre|embro)?|de[cz](?:ember|iembre|embro|embre)?|dic(?:iembre)?|dezember)\.?"
)
_YEAR = r"(?:19\d\d|20\d\d|19 \d\d|20 \d\d)"
_ORDINAL = r"(?:\.|st|nd|rd|th|er|o|ten|sten|a|e)?"
_GAP = r"(?: {0,2}[-./,' ] {0,2}| (?:slash|dash|dot|punto|barra|stroke|strich|punkt|guion|tiret|of|del?) |\) ?\()"
_OF = r"(?: {0,2}(?:of|de|del|the|,) ?){0,2}"
_D = r"(?:0?[1-9]|[12]\d|3[01])"

_DAYS = (
    re.compile(rf"(?<![\d.])(?P<y>{_YEAR}),? (?:the )?{_MONTH}{_OF} {{0,2}}{_D}(?!\d)"),
    re.compile(rf"(?<![\d.])(?P<y>{_YEAR}){_GAP}(?:0?[1-9]|1[0-2]){_GAP}{_D}(?!\d)"),
    re.compile(rf"(?<![\d./-])(?<!\d ){_D} ?(?P<sep>[-./]) ?{_D} ?(?P=sep) ?(?P<y>{_YEAR}|'?\d\d)(?![\d/])(?!-\d)"),
    re.compile(rf"(?<![\d./-])(?<!\d ){_D} {_D} (?P<y>19[2-9]\d|20[0-4]\d)(?![\d/])(?! ?\d)"),
    re.compile(r"(?<!\d)(?P<y>19[2-9]\d|20[0-4]\d)(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)"),
    re.compile(
        rf"(?<!\d){_D}{_ORDINAL}{_OF} {{0,2}}[-/. ]? ?{_MONTH}{_OF}{_GAP}?(?P<y>{_YEAR}|'?\d\d)(?![\d:h])(?! ?[ap]m)"
    ),
    re.compile(
        rf"(?<![a-z]){_MONTH}{_OF}{_GAP}?{_D}{_ORDINAL}{_OF}{_GAP}{{1,2}}(?P<y>{_YEAR}|'?\d\d)(?![\d:h])(?! ?[ap]m)"
    ),
)
_ROMAN_YEAR = re.compile(rf"(?<!\d){_D}[-./ ](?:i{{1,3}}|i?v|vi{{1,3}}|i?x|xi{{1,2}})[-./ ](?P<y>(?:19|20)\d\d)(?!\d)")
_ROMAN = re.compile(rf"(?<!\d){_D}[-./ ](?:i{{1,3}}|i?v|vi{{1,3}}|i?x|xi{{1,2}})[-./ ](?P<y>{_YEAR}|\d\d)(?!\d)")
_PARTS = (
    _ROMAN,  # looser, or less than a whole day: of births only where a word says so
    re.compile(rf"(?<!\d)(?:{_D}|0 \d){_GAP}(?:{_D}|0 \d){_GAP}(?:{_YEAR}|'?\d\d|0 \d)(?!\d)"),
    re.compile(rf"(?<!\d){_D}{_ORDINAL}{_OF} {{0,2}}[-/. ]? ?{_MONTH}(?![a-z])"),
    re.compile(rf"(?<![a-z]){_MONTH}{_OF} {{0,2}}[-/. ]? ?'?\d{{1,4}}(?!\d)"),
    re.compile(r"(?<!\d)(?:0?[1-9]|1[0-2])/(?:19|20)?\d\d(?!\d)"),
    re.compile(rf"(?<!\d)(?:{_D}|0 \d){_GAP}(?:{_D}|0 \d)(?:{_GAP}\d{{2,4}})?(?!\d)"),
    re.compile(r"(?<!\d)(?:19[2-9]\d|20[0-2]\d|19 \d\d|20 [0-2]\d)(?!\d)"),
    re.compile(r"(?<!\d)\d{6}(?:\d\d)?(?!\d)"),
)
_CUE = re.compile(
    r"(?<![a-z])(?:d ?[./-]? ?[o0] ?[./-]? ?b\.?|birth ?(?:-? ?da(?:y|te|ys)|ed)|date of birth|br?i(?:rt|tr|r)h(?:da[ty]e?)?|brithda[ty]e?|"
    r"birthda?y|b[-' /.]?da(?:y|te)|d of b|date ?of ?birth|bornday|bd(?:ay|ate)|born(?![- ](?:again|from|of|out))|bron|yob|year of birth|b\.|birth(?: ?year| ?month| ?yr)?|bearthday|"
    r"nacid[oa]|nacio|naci|nace|nacimiento|nac\.?|n\. el|fdn|f\. ?n\.|f/n|f\. ?nac\.?|fnac\.?|f\.? ?d\.? ?n\.?|fecha nto\.?|fec(?:ha)?\.? ?(?:de ?)?nac\.?|cumple(?:anos)?|cumplio|"
    r"cumplira|geb\.?|geb ?\.? ?dat(?:um)?\.?|geboren|geburts?tag|geburtsdatum|geb-datum|jahrgang|jg\.?|bursdag|"
    r"ne(?:e)? (?:le|en)|ddn|date de naiss(?:ance)?\.?|naissance|naiss\.?|anniv(?:ersaire)?|jaargang|verjaardag|verjaart|jarig|"
    r"geboortedatum|geboortedag|geboorte(?:jaar)?|geb\.?datum|nascid[oa]|nasceu|data de nascimento|aniversario|"
    r"(?:turn(?:ed|s|ing)|cumplio|cumple|wird|wurde|wordt|werd|fait|will be|he is|she is|'ll be) \d\d(?= (?:on|el|am|op|le|this|in|en|im)))(?![a-z])"
)
_YEAR_BEHIND = re.compile(
    r"^(?: {0,2}(?:[:=-]|in|en|em|im|el|the|year|jahr|yr|ano|del|annee|anno|on|um|c\.|circa|about|was|is|'){1,2}){1,3} {0,1}'?\d\d(?!\d| ?[a-z%/])|^ ?'?[3-9]\d(?!\d| ?[a-z%/.:-])"
)
_LONE = re.compile(r"(?<![a-z\d'])[il|](?=[-./] ?[il|\d])|(?<=[\dil|][-./])[il|](?=[-./])")  # drawn like a one
REACH = 34  # characters between the word and the day
BEHIND = 26  # the other way round: "14.03.1987 geboren"
_WORK = re.compile(
    r"(?<![a-z])(?:exp(?:ires?|iry|\.)?|caduca|lot|lote|batch|rev|version|v|sop|library|installed|calibrat\w{0,6}|validat\w{0,6}|"
    r"opened|made|mfg|manufactured|published|edition|since|collected|recogid[oa]|perem\w{0,6}|haltbar)[ :.]{0,3}(?:\w{1,12} ){0,1}$"
)


def births(view: View) -> Iterator[Found]:
    """Days of birth in the view."""
    text = view.text
    for pattern in (*_DAYS, _ROMAN_YEAR):
        for match in pattern.finditer(text):
            if is_birth_year(match["y"]) and not _WORK.search(text[max(0, match.start() - 30) : match.start()]):
                yield Found("birth_date", *match.span())
    for cue in _CUE.finditer(text):
        yield from _said_by(cue, text)


def _said_by(cue: re.Match[str], text: str) -> Iterator[Found]:
    ahead = _LONE.sub("1", text[cue.end() : cue.end() + REACH])
    for pattern in (*_DAYS, *_PARTS):
        if day := pattern.search(ahead):
            yield Found("birth_date", cue.start(), cue.end() + day.end())
            return
    if year := _YEAR_BEHIND.match(ahead):
        yield Found("birth_date", cue.start(), cue.end() + year.end())
        return
    before = text[max(0, cue.start() - BEHIND) : cue.start()]
    for pattern in (*_DAYS, *_PARTS[1:3]):
        if day := pattern.search(before):
            yield Found("birth_date", cue.start() - len(before) + day.start(), cue.end())
            return


def days(view: View) -> Iterator[tuple[int, int]]:
    """Stretches that are days of any sort, to be covered."""
    for pattern in _DAYS:
        yield from (match.span() for match in pattern.finditer(view.text))


def is_birth_year(written: str) -> bool:
    """True for a year in which people were born whose samples are brought, but nothing of today was made."""
    digits = written.replace(" ", "").lstrip("'")
    year = int(digits)
    if len(digits) <= 2:
        # Of two digits, those that a day of collection or expiry has now are left alone.
        return 33 <= year <= 99
    return OLDEST_YEAR <= year < FIRST_YEAR_OF_THE_WORK
