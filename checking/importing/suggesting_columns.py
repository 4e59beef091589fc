"""What a table's columns may hold, by their names: shown to a person, who decides."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from ..models import ColumnMapping, Site
from ..tables import Unusable
from .days import fitting
from .mapping import columns_of, from_plain
from .meanings import said
from .opening import Line, Table

LOOKED_AT = 200  # rows
MOST_FINDING_COLUMNS = 20

# A column's name, as compared -> the field it most often is. English and Spanish.
FIELD_OF = {
    said(name): field
    for field, names in {
        "sample_id": "sample id, sampleid, sample no, sample number, sample, id, no, number, muestra, codigo, n.º",
        "collected_on": "date, date collected, collected, collection date, date collect, fecha, fecha de recogida",
        "area": "area, county, region, district, condado, zona",
        "expected": "expected, expected substance, sold as, bought as, taken for, vendido como, sustancia esperada",
        "form": "form, texture, forma, textura",
        "carrier": "carrier, container, sample type, sampletype, envase",
        "colours": "colour, colours, color, colors, colores",
        "overdose": "overdose, od, sobredosis",
        "share": "share, consent, consentimiento",
        "method": "method, technique, metodo, tecnica, instrument",
        "outcome": "outcome, test result, resultado",
        "performed_on": "performed, date performed, test date, date tested, fecha de analisis",
        "completed_on": "completed, date completed, date complete, fecha de resultado",
        "lab": "lab, laboratory, laboratorio",
        "lot_brand": "brand, strip brand, marca",
        "lot_number": "lot, lot number, lote",
        "sample_mg": "mg, sample mg, mass mg, mass, masa",
        "diluent_ml": "ml, diluent ml, water ml, volume, volumen",
        "weighed": "weighed, pesado",
        "substance": "substance, substances, found, finding, findings, result, results, compound, sustancia",
        "amount": "amount, percent, percentage, %, concentration, cantidad, porcentaje, concentracion",
    }.items()
    for name in names.split(", ")
}  # fmt: skip
_OF_A_RESULT = (
    "method", "outcome", "performed_on", "completed_on", "lab", "lot_brand", "lot_number", "sample_mg", "diluent_ml",
    "weighed",
)  # fmt: skip
_OF_A_SAMPLE = ("sample_id", "collected_on", "area", "expected", "form", "carrier", "colours", "overdose", "share")


def first_lines(table: Table, count: int) -> list[Line]:
    return list(islice(table.rows(), count))


def suggest(table: Table) -> dict[str, Any]:
    """The beginning of a mapping. How dates are written is never in it."""
    named: dict[str, list[str]] = {}
    for name in table.names:
        # "Found (2)" and "Substance 3" are columns of the same kind.
        plain = said(name).rstrip("0123456789() ").strip() or said(name)
        field = FIELD_OF.get(said(name)) or FIELD_OF.get(plain)
        if field:
            named.setdefault(field, []).append(name)
    plain_mapping: dict[str, Any] = {field: {"column": named[field][0]} for field in _OF_A_SAMPLE if field in named}
    result: dict[str, Any] = {field: {"column": named[field][0]} for field in _OF_A_RESULT if field in named}
    for source in (plain_mapping["expected"],) if "expected" in plain_mapping else ():
        source["separators"] = _separators(table, source["column"])
    result["findings"] = [
        {"substance": {"column": name, "separators": _separators(table, name)}}
        for name in named.get("substance", [])[:MOST_FINDING_COLUMNS]
    ]
    if result["findings"] and "amount" in named:
        result["findings"][0]["amount"] = {"column": named["amount"][0]}
    return plain_mapping | {"results": [result], "layout": _layout(table, plain_mapping)}


def _layout(table: Table, plain: dict[str, Any]) -> str:
    """`long` where ids come again in the first rows."""
    place = table.place(plain["sample_id"]["column"]) if "sample_id" in plain else None
    if place is None:
        return "wide"
    ids = [line.cells[place].strip() for line in first_lines(table, LOOKED_AT) if len(line.cells) > place]
    return "long" if len(set(filter(None, ids))) < len(list(filter(None, ids))) else "wide"


def _separators(table: Table, column: str) -> str:
    """The signs that seem to stand between names. A comma is in many a name: only where nothing else is there."""
    place = table.place(column)
    assert place is not None  # it is one of the table's own names
    text = "".join(line.cells[place] for line in first_lines(table, LOOKED_AT) if len(line.cells) > place)
    return "".join(sign for sign in ";|/+" if sign in text) or ("," if "," in text else ";")


def day_formats(table: Table) -> list[tuple[str, list[str]]]:
    """(column, formats in which all of its first values can be read)."""
    lines = first_lines(table, LOOKED_AT)
    found = []
    for place, name in enumerate(table.names):
        formats = fitting([line.cells[place].strip() for line in lines if len(line.cells) > place])
        if formats:
            found.append((name, formats))
    return found


def saved_for(site: Site, table: Table) -> ColumnMapping | None:
    """The site's mapping that was changed last of those whose columns the table has. None where none fits."""
    for row in ColumnMapping.objects.filter(site=site).order_by("-changed_at", "pk"):
        if _fits(row, table.names):
            return row
    return None


def _fits(row: ColumnMapping, names: Sequence[str]) -> bool:
    try:
        mapping = from_plain(row.columns)
    except Unusable:
        return False
    has = {name.casefold() for name in names}
    return all(column.strip().casefold() in has for column in columns_of(mapping))
