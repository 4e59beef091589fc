"""Telephone numbers, and rows of digits long enough to be a number given to one person."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import phonenumbers

from .found import Found
from .views import View

LONG = 9  # digits: identity numbers and telephone numbers begin here, sizes and times end before
LOCAL = 7  # digits of a telephone number within its area
SHORTEST_WITH_CUE = 6
# Regions with short numbers behind an area code in brackets or with a leading nought.
REGIONS = ("DE", "AT", "NZ", "CH", "GB", "AU")

_GROUP = re.compile(r"\d+")
_FILLER = re.compile(
    r"(?<![a-z])(?:dash|hyphen|space|dot|point|guion|punto|tiret|strich|bindestrich|streepje|then|uh|um|er|eh|so|ok|and|y|und|et|e|en|area|code|"
    r"punkt|hifen|traco|raya|espacio|luego|puis|dann|ponto|minus|slash|area code|after that|extension|lada|prefix|prefijo|vorwahl|indicatif|middle)(?![a-z])"
)
# Between the parts of a telephone number, however long the parts are.
_DIALLED = re.compile(
    r"[ ,.]{0,2}(?:and |y |then )?(?:area(?: code)?|lada|prefix|prefijo|vorwahl|indicatif|luego|puis|middle)(?: is)?[ ,:]{1,2}"
)
_JOINS = re.compile(r"[-._/()+*|'\"#\[\]]{0,4}")
PHONE_CUE = re.compile(
    r"(?<![a-z])(?:call(?:s|ed|ing|back| back)?|phone(?:s|d)?|fone|ph(?:one)?\.?(?: ?no)?|tel(?:e?f(?:o|on|oon|ono)?)?\.?|telephone|telefonnummer|te[lx]t?(?:ed|s|ing)?|txt|"
    r"sms|cell?(?:s|ular|phone)?|cel\.?|mob(?:ile|iel|il)?\.?|mov(?:il)?\.?|handy(?:nummer|nr)?|natel|ring(?: her| him)?|rings?|dial(?:led)?|whats ?app|wasap|wsp|wa|wpp|"
    r"number'?s?|num(?:ero|mer)?\.?|nummer|nr|numero|fono|llam(?:ar|a|e|en|arle)|marc(?:a|ar|ale|arle|ame)|marque|anruf(?:en)?|ruckruf|ruf|bel(?:len)?|appel(?:er|le[rz]?)?|"
    r"contact(?:o|ar)?|kontakt|reach|burner|landline|line|hotline|fax|voicemail|vm|pager|signal|viber|telegram|imessage|extension|celu|fijo|gsm|portable|"
    r"telemovel|ligar|digits|ping|msg|message|rung|buzz|callback|cb|tlf|tlfn|tfno|tfn|phome|facetime)(?![a-z])"
)
_STRONG_CUE = re.compile(
    r"(?:tel|tele\w*|ph|phone|cell?\w*|mob\w*|mov\w*|handy\w*|natel|whats ?app|wasap|fono|txt|text|call|call ?back|fax|burner|landline|tlf\w*|gsm|ring|llam\w*|anruf\w*)\.?"
)
_CUE_BEHIND = re.compile(
    r"^[ ,;:('-]{0,3}(?:(?:is|was|es|ist|on|for|to|and|the|a|at|her|his|their|my|por|para|call|to reach|text|please|his|mum'?s|mom'?s|su) ){0,3}(?:cell|phone|mobile|number|num|landline|handy|tel|whats ?app|text|call|movil|cel|telefono|burner|work|sms|txt|natel|ring)(?![a-z])"
)
_ID_CUE = re.compile(
    r"(?<![a-z])(?:ssn|s\.s\.n\.?|social(?: security)?(?: number| no)?|seguridad social|nss|sin(?= ?[:#n\d])|passports?|pasaporte|passeport|paspoort|pass(?:-?nr|nummer)|reisepass|ausweis(?:nr|nummer)?|"
    r"personalausweis|perso|dni|nie|nif|curp|rfc|ine|bsn|nir|nino|nhs(?: (?:number|no))?|nhi|medicare(?: (?:number|no))?|ahv|avs|mrn|hcn|ohip|health ?card|"
    r"clave de elector|prison(?:er)? (?:no|number|id)|(?:patient|client|member|case|prisoner|inmate|student|employee|citizen|person|personal|national|participant)(?:e|en|o)?[ -]?(?:id|no|nr|num(?:ber)?|#)\.?|"
    r"driver'?s? ?lic(?:en[cs]e)?|licen[cs]e (?:no|number)|dl ?#|fuhrerschein|permis|carnet|cedula|insurance|versicherung\w{0,10}|mutua|tarjeta(?: sanitaria)?|"
    r"svnr|steuer-?id|iban|account|acct|cuenta|konto|card (?:no|number|ending)|visa|mastercard|ird|tfn|abn|medicaid|ramq|phn|msp|uli|(?:health|social|tax) (?:no|number|id|card)\.?|(?:case ?worker|court|police|probation|parole|welfare|benefits?|claim|hospital|ward|permit|voter)(?: \w{2,10})? (?:no|number|id|file|ref|#)\.?|inmate|booking|docket)(?![a-z])"
)
_DRAWN = re.compile(
    r"(?<![a-z\d])\(?[\dosbzgil|!]{3}\)?[-. ]{1,2}[\dosbzgil|!]{3}[-. ]{1,2}[\dosbzgil|!]{3,4}(?![a-z\d])"
)
_COMMAS = re.compile(r"(?<![\d.,])\d{3}, ?\d{3}, ?\d{4}(?![\d.,])")
_ID_VALUE = re.compile(
    r"[ :#.=-]{0,4}(?:[a-z]{2,10},? ){0,2}?(?:(?:is|es|ist|no|nr|number|num|numero|id|of|ending|ends|in|last|four|4)\.?[ :#]{0,2}){0,4}([a-z]{0,4}[ -]?\d(?:[a-z\d -]|[.,] ?(?=\d{3})){2,28})"
)
REACH = 30
SHORTEST_ID = 4


@dataclass(frozen=True)
class Row:
    """Groups of digits that stand together."""

    groups: tuple[str, ...]
    gaps: tuple[str, ...]
    start: int
    end: int

    @property
    def digits(self) -> str:
        return "".join(self.groups)


def identity_numbers(view: View) -> Iterator[Found]:
    """Numbers given to one person, where a word says so: shorter ones too, and with letters."""
    for match in _ID_CUE.finditer(view.text):
        value = _ID_VALUE.match(view.text, match.end())
        if value and sum(map(str.isdigit, value[1])) >= (LOCAL if re.search("[.,]", value[1]) else SHORTEST_ID):
            yield Found("digits", match.start(), value.end())


def long_numbers(covered: View, said: frozenset[int]) -> Iterator[Found]:
    """Telephone numbers and long rows of digits. `said` are the places of digits that stood in words."""
    text = covered.text
    for row in _rows(text, said):
        count = len(row.digits)
        cue = _cue_of(text, row)
        if not cue and (
            _are_decimals(row)
            or (_is_climbing(row) and not (row.start in said and row.digits[0] == "0" and count >= LONG))
        ):
            continue
        if count >= LONG:
            yield Found("digits", row.start, row.end)
        if _is_phone(text, row, cue):
            yield Found("phone", row.start, row.end)
    for match in _DRAWN.finditer(text):
        if sum(map(str.isdigit, match[0])) >= 5:
            yield Found("phone", *match.span())
    yield from (Found("phone", *match.span()) for match in _COMMAS.finditer(text))


def _rows(text: str, said: frozenset[int]) -> Iterator[Row]:
    groups: list[re.Match[str]] = []
    gaps: list[str] = []
    for group in _GROUP.finditer(text):
        if groups:
            gap = text[groups[-1].end() : group.start()]
            if _joins(gap, groups[-1], group, said):
                groups.append(group)
                gaps.append(gap)
                continue
            yield _row(groups, gaps)
        groups, gaps = [group], []
    if groups:
        yield _row(groups, gaps)


def _row(groups: list[re.Match[str]], gaps: list[str]) -> Row:
    return Row(tuple(group[0] for group in groups), tuple(gaps), groups[0].start(), groups[-1].end())


def _joins(gap: str, before: re.Match[str], after: re.Match[str], said: frozenset[int]) -> bool:
    """True where two groups of digits stand so close that they may be one number."""
    if len(gap) > 16:
        return False
    if not gap:
        return True
    are_said = before.start() in said or after.start() in said
    are_small = len(before[0]) <= 2 and len(after[0]) <= 2
    if any(map(str.isalpha, gap)):
        if not (are_small or are_said or _DIALLED.fullmatch(gap)):
            return False
        gap = _FILLER.sub(" ", gap)
    if "," in gap or ";" in gap or "..." in gap:
        if not (are_small and (are_said or len(before[0]) == len(after[0]) == 1)) and not (are_said and len(gap) < 4):
            return False
        gap = gap.replace(",", "").replace(";", "").replace("...", "")
    squeezed = gap.replace(" ", "")
    if len(before[0]) == len(after[0]) == len(squeezed) == 1 and squeezed != "\x00":
        return True  # digit by digit, whatever stands between
    return gap.count(" ") <= 6 and bool(_JOINS.fullmatch(squeezed))


def _are_decimals(row: Row) -> bool:
    """True for "8.412 8.977 10.233": every number has one point, and spaces between; and for one such number."""
    if len(row.gaps) == 1 and row.gaps[0] == "." and [len(group) for group in row.groups] != [3, 7]:
        return row.groups[0] != "555"
    return len(row.gaps) >= 3 and all(gap == ("." if place % 2 == 0 else " ") for place, gap in enumerate(row.gaps))


def _is_climbing(row: Row) -> bool:
    """True for "one, two, five, ten, twenty": steps of a dilution or a clock, not a number somebody was given."""
    if any(len(group) > 6 for group in row.groups):
        return False
    values = [int(group) for group in row.groups]
    return (
        len(values) >= 4
        and any("," in gap for gap in row.gaps)
        and max(map(len, row.groups)) >= 2
        and all(one < other for one, other in pairwise(values))
    )


def _cue_of(text: str, row: Row) -> str:
    """The word that says what follows is a telephone number; empty where there is none."""
    before = text[max(0, row.start - REACH) : row.start]
    found = ""
    for match in PHONE_CUE.finditer(before):
        if sum(map(str.isdigit, before[match.end() :])) <= 1:
            found = match[0]
    if not found and (behind := _CUE_BEHIND.match(text[row.end : row.end + REACH])):
        found = behind[0].split()[-1]
    return found


def _is_phone(text: str, row: Row, cue: str) -> bool:
    count = len(row.digits)
    if count > 17:
        return False
    before = text[max(0, row.start - 2) : row.start]
    if before.endswith("+") and count > LOCAL and not re.search(r"[\w\]]\+$", before):
        return True
    if count >= LONG:
        return True
    if count >= LOCAL:
        return bool(cue) or _looks_local(row)
    return count >= SHORTEST_WITH_CUE and bool(_STRONG_CUE.fullmatch(cue))


def _looks_local(row: Row) -> bool:
    """555-0142, or digit by digit, or a plan that knows such a short number."""
    sizes = [len(group) for group in row.groups]
    if sizes == [3, 4] and row.gaps[0].strip(" ") == "-":
        return not (row.digits.endswith(("00", "50")) and int(row.groups[1]) <= 4000)  # else the ends of a range
    if sizes == [3, 4] and row.gaps[0] in {" ", "."}:
        return row.groups[0] == "555"
    if sizes == [4, 4] and row.gaps[0] == "-":
        return int(row.groups[1]) < int(row.groups[0])  # else the ends of a range
    if all(size == 1 for size in sizes) or (row.digits.startswith("0") and max(sizes) <= 2 and len(sizes) >= 4):
        return True
    if row.groups[0] == "555" and len(row.digits) == LOCAL:
        return True
    if len(sizes) >= 2 and sizes[0] >= 2 and row.digits.startswith("0"):
        return any(_is_known(row.digits, region) for region in REGIONS)
    return False


def _is_known(digits: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False
