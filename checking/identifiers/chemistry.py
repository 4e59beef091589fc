"""What belongs to the work and not to a person: registry numbers, masses, times, amounts, lots, files.

These stretches are covered before anything looks for long rows of digits. Each pattern has bounded
repeats, so that the time to look grows with the length of the text and not faster.
"""

import re
from collections.abc import Iterator

from stdnum import casrn

from .views import View

_NUMBER = r"\d{1,6}(?:[.,]\d{1,6})?(?:e[-+]?\d{1,2})?"
_LIST_GAP = r"(?: {0,2}(?:[,;/>&+]|->|=>|-|to|and|y|und|et|en|a|bis|or|o) {0,2}| {1,2})"
_NOTE = r"(?: {0,1}(?:\([^)]{1,16}\)|%|u|da|min|s|cm-?1))?"

# Cues before a list of measured values.
_MEASURED = (
    r"m/?z|mz|rt|rts|rrt|retention(?: times?)?|tr|ions?|iones|fragments?|frags?|base peak|mrm|srm|sim|transitions?|"
    r"peaks?(?: areas?)?|mono(?:isotopic)? mass|exact mass|mass|mw|found|calcd?|theoretical|\[m\+(?:h|na|k)\]\+?|precursor|product|picos?|pics?|bands?|bandas?|banden?|wavenumbers?|shifts?|scan|scans|range|areas?(?: counts?)?|"
    r"abundances?|counts|calib(?:ration)?|cal|levels|recovery|spiked|weighed|masses|signals? at|barrido|"
    r"numeros? de onda|wellenzahlen|pieken"
)
_VALUES = re.compile(
    rf"(?<![a-z])(?:{_MEASURED})\.?(?: {{0,2}}(?:at|of|en|bei|a|op|were|are|:|=|~|approx\.?|ca\.?|is|from))? {{0,2}}"
    rf"({_NUMBER}{_NOTE}(?:{_LIST_GAP}{_NUMBER}{_NOTE}){{0,14}})(?![\d-])"
)

_UNIT = (
    r"(?:[munpk]?g|mcg|[mud]?l|cc|%|percent|por ?ciento|prozent|ppm|ppb|ppt|[mu]in|mins?|minutes?|minutos?|minuten|"
    r"secs?|seconds?|segundos?|sek|s|h|hrs?|hours?|horas?|stunden|days?|dias?|tage?|weeks?|months?|years?|"
    r"[cmnuk]?m|cm-?1|cm\^-?1|wavenumbers|in|deg|degrees|grados|grad|c|f|k|rpm|[km]?v|ev|kev|[mk]?hz|da|mda|kda|amu|"
    r"bar|mbar|psi|[kmh]?pa|[mun]?mol|[mun]?m|mm|x|ng|ug|mg|counts|cps|scans?|barridos|spectra|au|ma|torr|usd|eur|euros?|"
    r"dollars?|pesos?|francs?|pounds?|doses?|tabs?|tablets?|pills?|pastillas?|bags?|bolsas?|drops?|gotas?|tropfen|puffs?|"
    r"hits?|strips?|tiras?|samples?|muestras?|proben|wells?|vials?|runs?)"
)
_AMOUNTS = re.compile(
    rf"(?<![\d+])(?<!\d[-./ ])(?<!\d, ){_NUMBER}(?: {{0,1}}(?:[,;/x-]|to|and|a|y|bis|or|\+/-) {{0,1}}{_NUMBER}){{0,11}}"
    rf" {{0,1}}[-]?{_UNIT}(?![a-z\d])"
)
_SPACED = re.compile(
    r"(?<![\d+-])(?<!\d )\d{1,4}(?:[.,]\d{1,3})?(?: \d{1,4}(?:[.,]\d{1,3})?){1,8} ?(?:[nu]g|mcg|mg|ppm|ppb|cm-?1|%|rpm|counts)(?![a-z])"
)
_MONEY = re.compile(r"[$€£] {0,1}\d{1,6}(?:[.,]\d{1,3}){0,2}(?![\d-])")
_DECIMALS = re.compile(r"(?<![\d.+-])\d{1,4}\.\d{1,5}(?:(?:, ?|; ?| / ?| ){1,2}\d{1,4}\.\d{1,5}){1,14}(?![\d.-])")
_RATIO = re.compile(r"(?<![\d:./-])\d{1,4}(?:\.\d{1,3})?(?: ?: ?\d{1,6}(?:\.\d{1,3})?){1,4}(?![\d:/-])")
_OF = re.compile(r"(?<![\d/.-])(?<!\d )\d{1,4} ?(?:/|of|von|de|out of) ?\d{1,4}(?![\d/-])(?! ?[\d/])")

_CAS = re.compile(r"(?<![\d-])\d{2,7} ?- ?\d{2} ?- ?\d(?![\d-])")
_CAS_SAID = re.compile(r"(?<![a-z])cas(?: ?(?:no|nr|number|rn|num)\.?)?[ :#=]{0,3}\d{2,7} ?- ?\d{2} ?- ?\d(?![\d-])")
_UNII = re.compile(r"(?<![a-z])unii[ :#=.-]{0,3}[a-z\d]{10}(?![a-z\d])")
_INCHIKEY = re.compile(r"(?<![a-z])[a-z]{14}-[a-z]{10}-[a-z](?![a-z])")
_INCHI = re.compile(r"(?<![a-z])inchi=1[^ ]{1,280}")
_DOI = re.compile(r"(?<![\d.])10\.\d{4,6}/[^ ]{1,80}")
_REGISTER = re.compile(
    r"(?<![a-z])(?:pubchem|cid|sid|dtxsid|einecs|chemspider|kegg|mfcd|beilstein|rtecs|ndc|din|pzn|ean|upc|gtin|drugbank|wikidata|chembl|chebi|pmid|pmcid|cas|doi|ec|hmdb)(?: ?(?:cid|no|id|rn))?[ .:#]{0,3}[a-z]{0,3}\d{1,14}(?:-\d{1,5}){0,2}(?![\d-])"
)

# Cues before the name of a thing of the lab.
_THING = (
    r"lots?|lot/exp|batch(?:es)?|lotes?|chargen?(?:-?nr)?|ch\.-?b|partij|partie|los|losnummer|serials?|serie|seriennummer|"
    r"s/?n|p/n|part|run(?: ?id)?s?|injections?|inj|seq(?:uence)?|secuencia|file|fichier|archivo|datei|bestand|"
    r"spectrum|spectra|spektrum|espectro|spectre|chromatogram|library|lib(?:rary)? (?:v|ver|version)|nist|swgdrug|cayman|"
    r"cat|catalog(?:ue)?|cat\.? ?no|item|art|ref(?:erence)?(?: std)?|std|sop|method|metodo|methode|rev|version|firmware|fw|"
    r"software|sw|vial|rack|column|columna|cartridge|sample(?: ?id)?|muestra|probe|monster|echantillon|specimen|barcode|"
    r"instrument|asset|order|kit|strips?|tira|box|coa|qc|worklist|plate map|well|scan|spectrum|folder|"
    r"agilent|bruker|thermo|waters|shimadzu|restek|btnx|dancesafe|wisebatch|lims|label|labelled|cassette|cert(?:ificate)?|cerilliant|lipomed|sigma|merck|product|prod|invoice|tracking|ups|fedex|usps|dhl|shipment|courier|parcel|ticket|job|protocol|protokoll|entry|calibrant|cuvette|bottle|reagent|standard|pipette|balance|scale|freezer|fridge|shelf|locker|room|bench|drawer|position|pos|slot|channel|imprint|impreso|pragung|stamp|sello|series|model|modelo|modell|equipo|gerat|appareil|toestel|monsternummer|probennummer|n\.? ?de (?:lote|serie)|accession|aliquot|tray|bag"
)
_NO = r"(?:(?:no|nr|num|number|numero|n|id|code|name|lot|batch|is|was|es|ist|(?:on|from|for|of|off) the (?:box|pack|packet|pouch|bag|kit|strip|foil|label|cassette)|printed|reads|says|exp|used|cassette|cartridge|our|new|old|second|first|strips?|kit|btnx|dancesafe|(?:de|del|der|du|van) (?:la )?(?:tiras?|kit|caja|packung|boite|doos|test)|marked|test|fyl|nit|xyl)\.?|[:#=])"
_NAMED = re.compile(
    rf"(?<![a-z\d])(?:{_THING})s?\.?(?: {{0,1}}{_NO}){{0,3}} {{0,2}}[#:]? ?"
    r"((?:[a-z]{1,12}[-_/])?(?:(?!call|tel|cell?|text|ring|ph|mob|fax|his|her|sms|txt|wa|fono|num|zip|plz|cp|id|dob|geb|ssn|dni|nie|mrn|bel|ruf)[a-z]{1,4}[-_/ ]?)?[\[(]?\d[\w./-]{0,30}(?:[ -]\d[\w/-]{0,12}){0,3}(?:(?:,| and| y| und| et| or|/| &|;)? ?#?[a-z]{0,4}-?\d[\w./-]{4,24}){0,4})"
)
_PHONE_SHAPE = re.compile(r"(?<!\d)\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}(?!\d)")
_RUN_ID = re.compile(
    r"(?<![a-z\d])[a-z]{0,8}[-_]?20[1-4]\d[-_]?(?:0[1-9]|1[0-2])[-_]?(?:[0-2]\d|3[01])(?:[-_t.]{0,1}[\w.]{1,12}){0,3}(?![\d])"
)
_FILE = re.compile(
    r"(?<![\w-])[\w-]{1,40}\.(?:d|raw|spa|spc|mzml|mzxml|csv|txt|cdf|wiff|pdf|jpe?g|png|qgd|0|dx|jdx)(?![\w])"
)
_BARE_NAME = re.compile(
    r"(?<![\w@.-])(?!(?:tel|ph|id|ssn|cell?|mob|nr|no|dni|nie|call|text|fax|sms|wa|fono|movil|zip|plz|cp|d|ch|a|e|f|l|nl)-)[a-z]{2,6}-?\d{0,4}-\d{2,8}(?:-\d{1,6}){0,2}(?![\w-])"
)

_TIME = re.compile(
    r"(?<![\d:])(?:[01]?\d|2[0-3])(?:[:h][0-5]\d)(?::[0-5]\d(?:\.\d{1,3})?)?(?: ?[ap]m)?(?:z|[+-]\d\d:\d\d)?(?![\d:])"
)


def covering_said(view: View) -> Iterator[tuple[int, int]]:
    """What becomes an amount or a list only once numbers in words are digits."""
    for pattern in (_VALUES, _AMOUNTS, _SPACED, _OF):
        yield from (match.span() for match in pattern.finditer(view.text))


def registry_numbers(view: View) -> Iterator[tuple[int, int]]:
    """CAS numbers whose check digit is right."""
    for match in _CAS.finditer(view.text):
        if casrn.is_valid(match[0].replace(" ", "")):
            yield match.span()


def covering(view: View) -> Iterator[tuple[int, int]]:
    """Stretches of the view that are about the sample or the lab."""
    text = view.text
    yield from registry_numbers(view)
    for pattern in (
        _CAS_SAID,
        _UNII,
        _INCHIKEY,
        _INCHI,
        _DOI,
        _REGISTER,
        _VALUES,
        _AMOUNTS,
        _SPACED,
        _MONEY,
        _DECIMALS,
        _RATIO,
        _TIME,
        _FILE,
    ):
        yield from (match.span() for match in pattern.finditer(text))
    yield from (match.span() for match in _OF.finditer(text))
    yield from _lists(text)
    for pattern in (_NAMED, _RUN_ID, _BARE_NAME):
        for match in pattern.finditer(text):
            if not _PHONE_SHAPE.search(match[0]):
                yield match.span()


_ROW = re.compile(r"(?<![\d+/.-])(?<!\d )\d{2,4}(?:(?:, ?|; ?| / ?| ){1,2}\d{2,4}){2,14}(?![\d-])(?! \d)")
_CALLED = re.compile(
    r"(?:call|tel|phone|cell?|mob\w*|mov\w*|text|ring|ph|number|num|numero|fono|handy|natel|whatsapp|llam\w*|ssn|card|id|nr|nummer)[ :.]{0,3}\w{0,6} ?$"
)


def _lists(text: str) -> Iterator[tuple[int, int]]:
    """Bare lists of wavenumbers (400 to 4000) or of masses (39 to 450) that no telephone plan looks like."""
    for match in _ROW.finditer(text):
        parts = re.findall(r"\d+", match[0])
        if any(part.startswith("0") for part in parts) or _CALLED.search(
            text[max(0, match.start() - 20) : match.start()]
        ):
            continue
        sizes, values = [len(part) for part in parts], [int(part) for part in parts]
        if sizes in ([3, 3, 4], [4, 3, 3], [3, 2, 4], [2, 3, 2, 2], [3, 2, 2, 2]) or set(sizes) == {2}:
            continue
        are_wavenumbers = all(400 <= value <= 4000 for value in values) and sizes != [4, 4, 4, 4]
        are_masses = all(39 <= value <= 450 for value in values) and max(sizes) == 3
        if are_wavenumbers or are_masses:
            yield match.span()
