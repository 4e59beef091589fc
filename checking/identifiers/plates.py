"""Number plates, where a word says that one follows, or a car is spoken of."""

import re
from collections.abc import Iterator

from .found import Found
from .views import View

_CUE = re.compile(
    r"(?<![a-z\d-])(?:(?:licen[sc]e|lisence|licence|lic|number|no|num|reg(?:istration)?|car|van|truck|vanity|rear|back|front|temp)?\.? ?-?(?:pl8|plates?|palte|plte|plat)s?|licen[sc]e(?: #| no)?|lic(?:\.| ?#|(?= [a-z\d]{2,4}[ -]?\d))|pl4te|number on (?:the |his |her )?(?:car|van|truck|bumper|bike)|bumper|(?:number|lic|licen[sc]e|reg|rear|car) plts?|lp(?=:| ?[a-z]{2,3} ?\d)|mat\.|partial(?: plate)?|l/p|"
    r"(?:temp|paper|car|licen[sc]e|dealer|vehicle|truck) tags?|tags?(?: ?(?:no|number|#))?|regos?|reg(?:istration|istered)?(?: ?(?:no|number|mark|plate))?\.?|vrm|vrn|matr[iy][a-z]{2,7}|matri|placas?|chapa|patente|dominio|"
    r"(?:kfz-? ?|auto)?kennzeichen|kfz(?:-?nr\.?)?|ken+zei\w{2,6}|kennz\.?|kz|kontrollschild(?:er)?|nummernschild(?:er)?|autonummer|kente\w{2,5}|kenteken(?:nummer|plaat|bewijs)?|nummerplaat|nummerbord|"
    r"immatriculation|immat\.?|immatricule[e]?|plaques?(?: d'immatriculation)?|matricule)(?![a-z])"
)
# Plates of the laboratory.
_LAB_PLATE = re.compile(
    r"(?:tlc|well|wells|hot|spot|agar|filter|micro|base|ceramic|steel|glass|96|384|sample|deep|reaction|heating|assay|elisa|blot|spotting|tile|white)[ -]?(?:tlc[ -])?$"
)
_LAB_WORK = re.compile(r"(?<![a-z])(?:tlc|silica|wells?|rf)(?![a-z])")
_CAR = re.compile(
    r"(?<![a-z])(?:car|wheels|van|truck|ute|suv|lorry|pickup|sedan|taxi|uber|drives?|driving|drove|parked|vehicle|moto(?:rbike|rcycle)?|scooter|honda|toyota|ford|chevy|nissan|bmw|audi|vw|golf|"
    r"mazda|kia|hyundai|jeep|subaru|mercedes|merc|tesla|volvo|dodge|seat|renault|peugeot|opel|skoda|fiat|citroen|corolla|civic|coche|carro|auto|camioneta|furgoneta|camion|wagen|voiture|camionnette|"
    r"bestelbus|busje|fiets|holden|commodore|falcon|hilux|astra|fiesta|focus|polo|passat|clio|corsa|camry|accord|f-?150|silverado|altima|cr-?v|rav4|tacoma|wrangler|minivan|hatchback|estate|station wagon|cab|motorbike|trailer|nissan|tsuru|jetta|vento|golf|ibiza|leon|berlingo|kangoo|sprinter|vauxhall|mini|lexus|acura|fahrzeug|vehiculo|driver|impala|charger|mustang|explorer|escape|sentra|prius|transit)(?![a-z])"
)
_SHAPES = re.compile(
    r"(?<![a-z\d])(?:[a-z]{2}\d\d[ -]?[a-z]{3}|[a-z]{2} \d\d [a-z]{3}|[a-z]{3}[ -]?\d{3,4}|\d[a-z]{3} ?\d{3}|[a-z]{2}[ -]?\d{3}[ -]?[a-z]{2}|\d{4}[ -]?[bcdfghjklmnprstvwxyz]{3}|[a-z]{3}-\d{2,3}-(?:\d\d|[a-z])|"
    r"[a-z]{4} ?\d{3}|\d[a-z]{2} ?-?\d[a-z]{2}|[a-z]{3} ?\d\d[a-z]|[a-z]{1,3}-[a-z]{1,2} ?\d{1,4}|\d\d-?[a-z]{3}-?\d|[a-z]{2}-\d\d-[a-z]{2}|[a-z]{2}-[a-z]{2}-\d\d|\d\d-[a-z]{2}-[a-z]{2}|"
    r"\d[a-z]\d{5}|[a-z]-\d{3}-[a-z]{2}|[a-z]\d{1,3} ?[a-z]{3}|\d{3}[ -]?[a-z]{3}|[a-z]{1,2}-?\d{4,5} ?[a-z]{1,2}|[a-z]{2}[ -]?\d{5,6}|(?:zh|be|lu|ur|sz|ow|nw|gl|zg|fr|so|bs|bl|sh|ar|ai|sg|gr|ag|tg|ti|vd|vs|ne|ge|ju) ?\d{1,3} \d{3})(?![a-z\d])"
)
_ENDING = re.compile(
    r"(?<![a-z])(?:plates?|tags?|rego?\.?|registration|matricula|placas?|kennzeichen|plaque|kenteken)(?: [a-z-]{1,8}){0,4} (?:starts?|starting|begins?|beginnt|empieza|first|ending|ends|end|last|terminad\w{1,3}|termina|endet|finissant|finit|eindigt)(?: (?:in|en|with|on|four|three|digits|4|3|auf|par|op|are|is|con|por|with|mit|three|two)){0,3} (?:[a-z\d]{0,3}\d{2,4}[a-z]{0,2}|\d[a-z]{2,3})(?![a-z\d])|"
    r"(?<![a-z])(?:plates?|number ?plate|licen[sc]e plate|vanity plate|rego|reg)(?: (?:is|was|reads?|says?|said|reading))? ?[\"'(]{0,1}(?P<word>[a-z]{3,7}) ?\d{1,4}[\"')]?(?=$|[ ,.;])"
)
_VANITY = re.compile(
    r"(?<![A-Za-z])(?:[Vv]anity|[Pp]ersonali[sz]ed|[Pp]rivate|[Nn]umber|[Ll]icen[sc]e)? ?(?:[Pp]lates?|[Rr]ego|[Rr]eg|PLATE)(?: (?:is|was|reads?|says?|said|reading)|:)? ?[\"']?[A-Z]{5,8}[\"']?(?![A-Za-z])"
)
_BEGINNING = re.compile(
    r"(?<![A-Za-z])(?:[Pp]lates?|[Rr]eg|[Rr]ego|[Tt]ags?) (?:begins|starts|beginning|starting|ends|ending)(?: with| in)? [A-Z]{2,4}(?![A-Za-z])"
)
# Shapes of British and Spanish plates, which nothing else has.
_UNMISTAKABLE = re.compile(
    r"(?<![A-Za-z\d-])(?:[A-HJ-PR-Y]{2}[0-35-8]\d [A-HJ-PR-Z]{3}|\d{4} (?!PPM|PPB|CPS|RPM|NMR|XRD|MHZ|HPLC|GCMS|LCMS|LSD|DMT|PCP|GHB|GBL|NPS|THC|CBD|FTR|PST|CST|BST|GMT|MST)[BCDFGHJKLMNPRSTVWXYZ]{3})(?![A-Za-z\d-])"
)
_LABELLED = re.compile(
    r"(?<![a-z])(?:lot\w*|batch|ref\w*|sample|serial|code|kit|strip\w*|charge|stamp\w*|imprint|run|file|id|no|#|model|cat)(?![a-z])"
)
_GERMAN = re.compile(r"(?<![A-Za-z\d])[A-Z]{1,3} [A-Z]{1,2} \d{2,4}(?![A-Za-z\d])")
_SKIP = re.compile(
    r"(?:[ :#=.,'\"()-]{1,4}|(?:is|was|are|were|es|era|ist|war|est|no|nr|num|number|numero|nummer|n|on|of|the|a|an|his|her|their|my|it|its|that|which|reads?|reading|read|like|said|saw|seen|with|mit|con|avec|"
    r"met|del|de|la|el|du|der|die|das|coche|car|auto|van|truck|moto|voiture|begins|starts|starting|ends|ending|in|partial(?:ly)?|something|maybe|think|looks|"
    r"white|black|blue|red|grey|gray|silver|green|gris|negro|blanco|rojo|ford|honda|toyota|bmw|vw|ontario|texas|bc|quebec|california|ohio|qld|nsw|vic|uk|german|dutch|"
    r"spanish|french|mexican|swiss|plate|plates|wa|and|then|for|was|ended|final|first|digits|digit|last|four|letters|out|state|pa|ca|ny|fl|tx|oh|az|nv|or|4-digit|dealer|driver|seller|termina|empieza|y|i|outside|letters|numbers|letras|buchstaben|lettres)(?![a-z\d]))"
)
_CHUNK = re.compile(r"[a-z\d]{1,8}")
_BETWEEN = re.compile(
    r"[ .,:;*?/_()\"'-]{0,3}(?:(?:numbers?|digits?|numeros?|ends?|ending|then|and|dash|hyphen|space|guion|strich|bindestrich|tiret|y|und|streepje|raya)(?: in| with| on| mit| en)? )?(?<=[ .,:;*?/_()\"'-])"
)
_EVERYDAY = frozenset(
    "on of at to in well wells pozo feld put row col gave off by and was says said for from with the a spot run lane tube tray box rack set has is it no or not up use used read red".split()
)
_LAB_WORDS = frozenset("well wells lane row spot tlc no run col temp read pos count strength strip".split())
_WELL = re.compile(r"(?:\d{1,2}[ :*-]{1,2})?(?:[a-h](?:0?[1-9]|1[0-2])[ :*-]{0,2})+")
_SPELLED = {
    word: word[0]
    for word in (
        "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey "
        "whisky xray yankee zulu anton berta caesar cesar dora emil friedrich gustav heinrich ida julius konrad ludwig martha nordpol otto paula quelle richard siegfried "
        "adam boy charles david edward frank george henry john king lincoln mary nora ocean paul queen robert sam tom union william young zebra theodor ulrich viktor wilhelm xanthippe ypsilon zacharias"
    ).split()
}
_UNIT_WORDS = frozenset("mg ml ug ng mcg grados grad deg min mins hrs nm mm cm rpm ppm".split())
_UNITS = re.compile(r"\d{1,4}(?:mg|ml|g|ul|c|min|mm|cm|ug|ng|h|s|x|%|st|nd|rd|th|pm|am|hrs|well|wells)")
_AMOUNT = re.compile(
    r" ?(?:[mu]?g|mgs|ml|mcg|ul|c|grados|grad|degrees?|deg|mins?|minutes|hrs?|nm|mm|cm|rpm|ppm|%|x|times|v|w)(?![a-z\d])"
)
REACH = 60
WEAK_REACH = 24
BEHIND = 30
SHORTEST, LONGEST = 4, 10  # signs of a plate, spaces and dashes apart


def plates(view: View) -> Iterator[Found]:
    """Number plates in the view."""
    text = view.text
    for cue in _CUE.finditer(text):
        if _LAB_PLATE.search(text[max(0, cue.start() - 12) : cue.start()]):
            continue
        if end := _plate_end(view, cue.end(), is_weak=_is_weak(cue[0]), is_partial="partial" in cue[0]):
            yield Found("plate", cue.start(), end)
            continue
        before = text[max(0, cue.start() - BEHIND) : cue.start()]
        if shapes := list(_SHAPES.finditer(before)):
            yield Found("plate", cue.start() - len(before) + shapes[-1].start(), cue.end())
    for match in _ENDING.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()]
        is_lab = _LAB_PLATE.search(before) or match["word"] in _LAB_WORDS
        if not is_lab and (match["word"] is None or view.cased[match.start("word") : match.end("word")].isupper()):
            yield Found("plate", *match.span())
    for match in _VANITY.finditer(view.cased):
        if not view.cased.isupper() and not _LAB_PLATE.search(text[max(0, match.start() - 12) : match.start()]):
            yield Found("plate", *match.span())
    for match in _BEGINNING.finditer(view.cased):
        yield Found("plate", *match.span())
    for match in _UNMISTAKABLE.finditer(view.cased):
        if not _LABELLED.search(text[max(0, match.start() - 24) : match.start()]):
            yield Found("plate", *match.span())
    for car in _CAR.finditer(text):
        for shape in _GERMAN.finditer(view.cased, max(0, car.start() - BEHIND), car.end() + REACH):
            yield Found("plate", *shape.span())
        for shape in _SHAPES.finditer(text, max(0, car.start() - BEHIND), car.end() + REACH):
            if not _is_everyday(shape[0]):
                yield Found("plate", *shape.span())


def _plate_end(view: View, at: int, *, is_weak: bool, is_partial: bool = False) -> int:
    """Where the plate behind a cue ends; 0 where none follows."""
    text = view.text
    limit = min(len(text), at + (WEAK_REACH if is_weak else REACH))
    last = len(text)
    if other := _LAB_WORK.search(text, at, limit):
        limit = last = other.start()
    while at < limit:
        skipped = _SKIP.match(text, at, limit)
        chunk = _CHUNK.match(text, at, limit)
        if skipped and not (chunk and _begins_plate(text, at)):
            at = skipped.end()
            continue
        if chunk is None:
            at += 1
            continue
        signs, end = _signs_at(view, at)
        written = text[at:end]
        first = _CHUNK.match(text, at)
        is_word = (
            first is not None
            and first[0].isalpha()
            and len(first[0]) == 4
            and first[0] not in _SPELLED
            and not re.fullmatch(r"[a-z]{4}\d{3}", signs)
            and not (view.cased[at : first.end()].isupper() and re.fullmatch(r"[a-z]{4}\d\d", signs))
        )
        is_word = is_word or (bool(signs) and signs[-1].isdigit() and _AMOUNT.match(text, end) is not None)
        if end <= last and not is_word and not _WELL.fullmatch(written) and _is_plate(signs, is_weak=is_weak):
            return end
        if is_partial and re.fullmatch(r"(?=\d*[a-z])(?=[a-z]*\d)[a-z\d]{3}", signs):
            return end
        word = _word_end(text, at)
        at = max(word, at + 1)
    return 0


def _begins_plate(text: str, at: int) -> bool:
    return bool(_SHAPES.match(text, at))


def _word_end(text: str, at: int) -> int:
    while at < len(text) and text[at].isalnum():
        at += 1
    return at


def _signs_at(view: View, at: int) -> tuple[str, int]:
    """Short chunks of letters and digits that stand together, and where they end."""
    text, signs, end = view.text, "", at
    while chunk := _CHUNK.match(text, at):
        if chunk.end() < len(text) and text[chunk.end()].isalnum():
            break
        gap = text[end : chunk.start()] if signs else ""
        if ("," in gap and not (chunk[0][0].isdigit() and signs.isalpha())) or (
            "." in gap and signs[-1].isdigit() and chunk[0][0].isdigit()
        ):
            break  # "TLC, Rf 0.42"
        part = _SPELLED.get(chunk[0], chunk[0])
        if (
            (chunk[0] in _EVERYDAY and not view.cased[chunk.start() : chunk.end()].isupper())
            or (part.isalpha() and len(part) > (4 if not signs else 3))
            or _UNITS.fullmatch(part)
            or (signs[-1:].isdigit() and part in _UNIT_WORDS)
            or len(signs) + len(part) > LONGEST
        ):
            break
        signs, end = signs + part, chunk.end()
        between = _BETWEEN.match(text, end)
        if between is None:
            break
        at = between.end()
    return signs, end


_DRAWN = str.maketrans("oil", "011")


def _is_plate(signs: str, *, is_weak: bool) -> bool:
    return _has_its_shape(signs, is_weak=is_weak) or _has_its_shape(
        re.sub(r"(?<=\d)[oil]|[oil](?=\d)", lambda letter: letter[0].translate(_DRAWN), signs), is_weak=is_weak
    )


def _has_its_shape(signs: str, *, is_weak: bool) -> bool:
    digits = sum(map(str.isdigit, signs))
    if not SHORTEST <= len(signs) <= LONGEST + 1 or not digits:
        return False
    if digits == len(signs):
        return len(signs) >= 5 and not is_weak
    letters = len(signs) - digits
    return (
        not is_weak
        or bool(_SHAPES.fullmatch(signs))
        or (letters >= 2 and digits >= 2 and len(signs) >= 5 and len(signs) <= 8)
    )


def _is_weak(cue: str) -> bool:
    """Cues that mean much else: then only what has the very shape of a plate counts."""
    if cue.startswith("reg"):
        return not cue.startswith("rego")
    return cue.startswith(("tag", "lic")) and "pl" not in cue


def _is_everyday(shape: str) -> bool:
    """Shapes that chemistry and days have too."""
    return bool(
        re.fullmatch(
            r"(?:(?:at|in|on|of|by|to|or|is|it|as|an|my|we|he|me|no|so|up|us|go|rt|la|el|un|de|en|y|al|ca|mz|le) ?\d{3} ?[a-z]{2}|[a-z]{2} ?\d{3} ?(?:mg|ml|ug|ng|km|eu|to|of|in|on|at|or|is|it|no|de|la|el|en|le|un|et|hz|nm|mm|cm|ms|as|by|so|up|xs|ea)|(?:at|in|on|of|by|to|or|is|it|as|an|my|we|he|me|no|so|up|us|go|rt|la|el|un|de|en|y|al) \d\d [a-z]{3}|[a-z]{2} \d\d (?:min|hrs|tab|bag|day|the|and|for|was|mgs|pil|per|pcs|eur|usd|pct|deg|von|und|mal|con|por|que)|\d{3,4} ?(?:mgs|mls|min|ppm|ppb|rpm|nmr|hrs|usd|eur|for|the|and|was|bag|tab|km|kms|mph|kph)|(?:the|and|was|for|lot|run|cas|exp|rev|nov|dec|oct|sep|jan|feb|mar|apr|may|jun|jul|aug|at|to|of|in|by|on|day|age|his|her|out|box|bag|got|sop|rpm)[ -]?\d.*)",
            shape,
        )
    )
