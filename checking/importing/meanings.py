"""Words sites use, in English and Spanish, as ours. A site's own mapping comes before these."""

import unicodedata
from collections.abc import Mapping

from ..models import Finding, Result


def said(text: str) -> str:
    """A word as it is compared: case, accents and spaces (or _) do not matter, signs such as + and - do."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).replace("_", " ")
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def _words(**meanings: str) -> dict[str, str]:
    """`powder="powder polvo"`: words with a space in them are joined by an underscore here."""
    return {said(word): meaning for meaning, words in meanings.items() for word in (meaning, *words.split())}


YES_NO = _words(yes="y true si s 1 verdadero", no="n false 0 falso")
FORMS = _words(
    powder="powdered polvo", crystal="crystals crystalline cristal cristales", rock="rocks piedra",
    tablet="tablets pill pills pastilla comprimido tableta", capsule="capsules capsula",
    blotter="blotters tab tabs secante", liquid="liquido solution", tar="black_tar alquitran chapopote",
    plant="plant_matter plant_material herb planta hierba", edible="edibles comestible", vape="vape_liquid vapeador",
    other="otro otra", unknown="not_known desconocido desconocida",
)  # fmt: skip
CARRIERS = _words(
    product="drug producto", bag="baggie stamp_bag bolsa bolsita", cooker="spoon cuchara cazoleta",
    cotton="filter algodon filtro", pipe="stem pipa", syringe="needle jeringa jeringuilla", swab="hisopo",
    spatula="scoop espatula", container="vial frasco envase", strip_solution="test_strip strip",
    other="otro otra", unknown="not_known desconocido desconocida",
)  # fmt: skip
MATERIALS = _words(product="producto", residue="residuo residuos")
OVERDOSE = _words(
    yes="y true si 1 involved_in_od", no="n false 0 not_overdose_related", not_asked="unknown desconocido"
)
OUTCOMES = _words(
    detected="positive pos + positivo positiva detectado", not_detected="negative neg - negativo negativa no_detectado",
    inconclusive="indeterminate no_concluyente", invalid="invalido failed error",
    consistent_with="compatible consistent", not_consistent="no_compatible inconsistent",
)  # fmt: skip
TEST_LINES = _words(clear="", faint="tenue debil", absent="ausente")
BECAUSE = {said(each): each for each in Result.Because.values}
BECAUSE[said("unknown")] = ""
KINDS = {said(each): each for each in Finding.AmountKind.values}
RANKS = _words(primary="principal", major="mayor", minor="menor", trace="traces tr traza trazas")
COLOURS = _words(
    white="blanco blanca", yellow="amarillo amarilla", orange="naranja anaranjado", red="rojo roja", pink="rosa rosado",
    purple="morado morada violeta", blue="azul", green="verde", brown="marron cafe", tan="beige_oscuro", grey="gris",
    black="negro negra", clear="transparente translucent", multicoloured="multicolor various", other="otro otra",
    unknown="not_known desconocido",
)  # fmt: skip

# Said of a whole sample: looked, and found nothing that is reported. A blank cell never says that.
NOTHING = frozenset(
    said(text)
    for text in (
        "nothing", "nothing detected", "none", "none detected", "nothing found", "not detected", "nd", "n.d.",
        "no compounds of interest detected", "no drugs detected", "nada", "nada detectado", "no detectado", "ninguna",
    )
)  # fmt: skip

# field of a mapping -> its words. Fields that are not here hold names, dates, numbers or ids.
BY_FIELD: Mapping[str, Mapping[str, str]] = {
    "form": FORMS,
    "carrier": CARRIERS,
    "material": MATERIALS,
    "colours": COLOURS,
    "overdose": OVERDOSE,
    "share": YES_NO,
    "outcome": OUTCOMES,
    "control": YES_NO,
    "test_line": TEST_LINES,
    "weighed": YES_NO,
    "chosen_because": BECAUSE,
    "kind": KINDS,
    "detected": YES_NO | {word: "yes" for word, each in OUTCOMES.items() if each == "detected"}
    | {word: "no" for word, each in OUTCOMES.items() if each == "not_detected"},
}  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(meaning for meaning in words.values() if meaning)) for name, words in BY_FIELD.items()
}
