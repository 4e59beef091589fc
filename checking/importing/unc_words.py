"""The words of the UNC Street Drug Analysis Lab's cards and files, as ours.

Source: opioiddatalab/drugchecking, datasets/unc_druchecking_codebook.txt, and the values met in the files.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import get_args

from .. import bodies
from ..folding import fold
from ..models import Sample

NULL_RESULT = fold("no compounds of interest detected")
NO_RESULT = fold("sample damaged in transit")
METHODS = {
    "": "gc-ms",  # what every sample gets
    "gcms": "gc-ms",
    "gc-ms": "gc-ms",
    "derivatized gcms": "gc-ms-derivatised",
    "derivatized gc-ms": "gc-ms-derivatised",
}
RANKS = {"": "primary", "primary": "primary", "major": "major", "minor": "minor", "trace": "trace"}
OVERDOSE = {"involved in od": True, "not overdose related": False, "unknown": None, "": None}

CARRIERS = {
    "spatula": Sample.Carrier.SPATULA,
    "scoop": Sample.Carrier.SPATULA,  # the kit's spatula under another name
    "swab": Sample.Carrier.SWAB,
    "cotton": Sample.Carrier.COTTON,
    "filter": Sample.Carrier.COTTON,
    "cooker": Sample.Carrier.COOKER,
    "syringe": Sample.Carrier.SYRINGE,
    "pipe": Sample.Carrier.PIPE,
    "stem": Sample.Carrier.PIPE,
    "bag": Sample.Carrier.BAG,
    "baggie": Sample.Carrier.BAG,
    "stamp bag": Sample.Carrier.BAG,
    "vial": Sample.Carrier.CONTAINER,
    "container": Sample.Carrier.CONTAINER,
    "test strip": Sample.Carrier.STRIP_SOLUTION,
    "unknown": Sample.Carrier.UNKNOWN,
    "": Sample.Carrier.UNKNOWN,
}
FORMS = {
    "powder": Sample.Form.POWDER,
    "crystal": Sample.Form.CRYSTAL,
    "crystals": Sample.Form.CRYSTAL,
    "rock": Sample.Form.ROCK,
    "tar": Sample.Form.TAR,
    "liquid": Sample.Form.LIQUID,
    "pill": Sample.Form.TABLET,
    "tablet": Sample.Form.TABLET,
    "capsule": Sample.Form.CAPSULE,
    "plant": Sample.Form.PLANT,
}
# How something looks or feels, which says nothing of its form.
LOOKS = frozenset(
    {"chunky", "dull", "fine", "flaky", "shiny", "sticky", "oily", "waxy", "gummy", "granular", "wet", "dry", "unknown"}
)
COLOURS = {"translucent": "transparent"}
COLOUR = re.compile(get_args(bodies.Colour)[1].pattern)  # what a site may send
DAY = re.compile(r"(\d{1,2})([a-z]{3})(\d{4})", re.IGNORECASE)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def words(text: str) -> tuple[str, ...]:
    """Values joined by "; ", each once. Their order on the card carries no meaning, so they are sorted."""
    return tuple(sorted({part.strip() for part in text.split(";") if part.strip()}))


def day(text: str) -> date | None:
    """`03Mar2024`, `19mar2024` or `2024-03-19`; None where it is blank. Raises ValueError."""
    if not text:
        return None
    if match := DAY.fullmatch(text):
        number, month, year = match.groups()
        if month.lower() in MONTHS:
            return date(int(year), MONTHS.index(month.lower()) + 1, int(number))
    return date.fromisoformat(text)


def carrier(kinds: Iterable[str]) -> tuple[Sample.Carrier, str]:
    """What the sample came in, and a remark where the card says no single thing we know."""
    known = [CARRIERS.get(kind.casefold()) for kind in kinds]
    found = {kind for kind in known if kind is not None}
    remark = "the sample type is not one we know: kept as “other”" if None in known else ""
    if len(found) > 1:
        # What held other things before may say so in its result, whatever it came with.
        residue = sorted(kind for kind in found if kind in Sample.RESIDUE_CARRIERS)
        return (
            Sample.Carrier(residue[0]) if residue else Sample.Carrier.OTHER,
            "several sample types: kept as the one that may hold residue, else as “other”",
        )
    if found:
        return found.pop(), remark
    return (Sample.Carrier.OTHER if remark else Sample.Carrier.UNKNOWN), remark


def form(textures: Iterable[str]) -> tuple[Sample.Form, str]:
    """The form, and a remark where the card names several or none we know."""
    said = [texture.casefold() for texture in textures]
    found = {FORMS[texture] for texture in said if texture in FORMS}
    if len(found) > 1:
        return Sample.Form.OTHER, "several forms: kept as “other”"
    if found:
        return found.pop(), ""
    if set(said) - LOOKS:
        return Sample.Form.UNKNOWN, "the texture is not one we know: form unknown"
    return Sample.Form.UNKNOWN, ""


def colours(written: Iterable[str]) -> tuple[list[str], str]:
    """Colours as a site may send them, and a remark where one is not known."""
    found: list[str] = []
    remark = ""
    for colour in written:
        name = COLOURS.get(colour.casefold(), colour.casefold())
        if not COLOUR.fullmatch(name):
            name, remark = "other", "a colour is not one we know: kept as “other”"
        if name not in found:
            found.append(name)
    return found, remark
