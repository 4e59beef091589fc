"""How one kind of table of a site is read: which column holds what, how it is written, what its words mean.

The same shape is a JSON file, a saved row (`ColumnMapping.columns`) and what the page for staff makes.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from django.utils import timezone
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from .. import catalogue
from ..decoding import NotABody, decode, where
from ..models import ColumnMapping, Site, User
from ..tables import Unusable
from .opening import Layout, Table

Text = Annotated[str, Meta(max_length=200)]
Word = Annotated[str, Meta(max_length=200)]
DayFormat = Literal[
    "YYYY-MM-DD", "DD/MM/YYYY", "MM/DD/YYYY", "DD/MM/YY", "MM/DD/YY", "DD Mon YYYY", "DD Mon YY", "Mon DD YYYY",
    "YYYYMMDD", "Excel serial",
]  # fmt: skip
MOST_RESULTS, MOST_FINDINGS = 12, 60


class From(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where a value comes from: a column, or one word for all rows."""

    column: Text | None = None
    constant: Text | None = None
    date_format: DayFormat | None = None
    separators: Annotated[str, Meta(max_length=10)] = ""  # each sign divides; "": one value a cell
    words: dict[Word, Word] = {}  # as written -> as we say it; "" for nothing


class FindingMap(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A substance with what is said of it: a column of names, or one substance whose column says how much."""

    substance: From
    amount: From | None = None
    kind: From | None = None  # of amount
    basis: From | None = None
    detected: From | None = None  # yes, no
    below: Literal["not_detected", "detected"] | None = None  # what "<0.5" means


class ResultMap(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One method on the sample."""

    method: From
    run: From | None = None  # long tables: tells several results by one method apart
    outcome: From | None = None
    control: From | None = None
    test_line: From | None = None
    lab: From | None = None
    performed_on: From | None = None
    completed_on: From | None = None
    lot_brand: From | None = None
    lot_number: From | None = None
    sample_mg: From | None = None
    diluent_ml: From | None = None
    weighed: From | None = None
    chosen_because: From | None = None
    findings: Annotated[list[FindingMap], Meta(max_length=MOST_FINDINGS)] = []


class Mapping(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A whole table. `wide`: a row is a sample. `long`: rows with one sample id belong together."""

    sample_id: From
    layout: Literal["wide", "long"] = "wide"
    sheet: Text = ""
    header_row: Annotated[int, Meta(ge=1, le=1000)] = 1
    encoding: Literal["", "utf-8", "cp1252", "mac_roman", "utf-16"] = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    decimal: Literal["", ".", ","] = ""
    collected_on: From | None = None
    area: From | None = None
    expected: From | None = None
    form: From | None = None
    carrier: From | None = None
    material: From | None = None
    colours: From | None = None
    overdose: From | None = None
    share: From | None = None
    results: Annotated[list[ResultMap], Meta(max_length=MOST_RESULTS)] = []

    @property
    def table_layout(self) -> Layout:
        return Layout(self.sheet, self.header_row, self.encoding, self.delimiter, self.decimal)


SAMPLE_FIELDS = (
    "collected_on", "area", "expected", "form", "carrier", "material", "colours", "overdose", "share",
)  # fmt: skip
RESULT_FIELDS = (
    "method", "run", "outcome", "control", "test_line", "lab", "performed_on", "completed_on", "lot_brand",
    "lot_number", "sample_mg", "diluent_ml", "weighed", "chosen_because",
)  # fmt: skip
FINDING_FIELDS = ("substance", "amount", "kind", "basis", "detected")
DAY_FIELDS = ("collected_on", "performed_on", "completed_on")


class NotAMapping(Unusable):
    """A mapping that cannot be used. `fields` maps paths such as `results.0.method` to what is wrong there."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(
            _("The mapping cannot be used: %(faults)s")
            % {"faults": "; ".join(f"{path}: {said}" if path else said for path, said in fields.items())}
        )
        self.fields = fields


def sources(mapping: Mapping) -> Iterator[tuple[str, From]]:
    """Everything the mapping reads, with its path."""
    yield "sample_id", mapping.sample_id
    yield from _named(mapping, SAMPLE_FIELDS, "")
    for place, result in enumerate(mapping.results):
        yield from _named(result, RESULT_FIELDS, f"results.{place}.")
        for number, finding in enumerate(result.findings):
            yield from _named(finding, FINDING_FIELDS, f"results.{place}.findings.{number}.")


def _named(part: Struct, names: tuple[str, ...], before: str) -> Iterator[tuple[str, From]]:
    for name in names:
        source = getattr(part, name)
        if source is not None:
            yield f"{before}{name}", source


def columns_of(mapping: Mapping) -> list[str]:
    """The columns it reads, each once."""
    return list(dict.fromkeys(source.column for _path, source in sources(mapping) if source.column is not None))


def read_mapping(raw: bytes) -> Mapping:
    """A mapping from JSON. Raises NotAMapping."""
    try:
        mapping = decode(raw, Mapping)
    except NotABody as error:
        raise NotAMapping(
            {path: " ".join(said) for path, said in (error.fields or {"": [str(error)]}).items()}
        ) from error
    return checked(mapping)


def from_plain(columns: Any) -> Mapping:
    """A mapping from what a row keeps. Raises NotAMapping."""
    try:
        mapping = msgspec.convert(columns, Mapping)
    except msgspec.ValidationError as error:
        path, said = where(str(error))
        raise NotAMapping({path: said}) from error
    return checked(mapping)


def as_plain(mapping: Mapping) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(mapping)
    return plain


def checked(mapping: Mapping) -> Mapping:
    """The mapping, if what it says makes sense. Raises NotAMapping with every fault."""
    faults: dict[str, str] = {}
    for path, source in sources(mapping):
        if (source.column is None) == (source.constant is None):
            faults[path] = _("takes a column, or one word for all rows")
        elif path.rpartition(".")[2] in DAY_FIELDS and source.column is not None and source.date_format is None:
            faults[path] = _("say how the dates are written")
    if mapping.sample_id.column is None:
        faults["sample_id"] = _("takes a column")
    if mapping.layout == "long" and len(mapping.results) > 1:
        faults["results"] = _("a long table has one, whose method may come from a column")
    for place, result in enumerate(mapping.results):
        faults |= _faults_of(result, f"results.{place}.")
    if faults:
        raise NotAMapping(faults)
    return mapping


def _faults_of(result: ResultMap, at: str) -> dict[str, str]:
    faults: dict[str, str] = {}
    method = result.method.constant
    if method is not None and method not in catalogue.current().methods:
        faults[f"{at}method"] = _("there is no method %(name)s") % {"name": method}
    if (result.lot_brand is None) != (result.lot_number is None):
        faults[f"{at}lot_number"] = _("a lot has a brand and a number")
    for number, finding in enumerate(result.findings):
        if finding.amount is not None and finding.kind is None:
            faults[f"{at}findings.{number}.kind"] = _("say what the amounts are: %(kinds)s") % {
                "kinds": "relative, percent_ftir, percent_w_w, mg_per_unit, ug_per_unit, mg_per_g"
            }
        if finding.substance.constant is not None and finding.amount is None and finding.detected is None:
            faults[f"{at}findings.{number}.substance"] = _("say which column tells whether it was found")
    return faults


def require_columns(mapping: Mapping, table: Table) -> None:
    """Raises Unusable where the table lacks a column that the mapping reads."""
    missing = [name for name in columns_of(mapping) if table.place(name) is None]
    if missing:
        raise Unusable(
            _("The table misses the columns %(missing)s. It has %(names)s.")
            % {"missing": ", ".join(missing), "names": ", ".join(table.names)}
        )


# Saved


def load(site: Site, named: str) -> Mapping:
    """A mapping saved for the site, or one in a file whose name ends in .json. Raises Unusable."""
    if named.endswith(".json"):
        try:
            return read_mapping(Path(named).read_bytes())
        except OSError as error:
            raise Unusable(_("%(name)s cannot be read: %(why)s.") % {"name": named, "why": error.strerror}) from error
    row = ColumnMapping.objects.filter(site=site, name=named).first()
    if row is None:
        names = ", ".join(ColumnMapping.objects.filter(site=site).order_by("name").values_list("name", flat=True))
        raise Unusable(
            _("%(site)s has no mapping %(name)s. It has: %(names)s.")
            % {"site": site.slug, "name": named, "names": names or _("none")}
        )
    return from_plain(row.columns)


def save(mapping: Mapping, *, site: Site, name: str, by: User | None = None) -> ColumnMapping:
    """Keep a mapping under a name; one of that name is replaced."""
    return ColumnMapping.objects.update_or_create(
        site=site, name=name, defaults={"columns": as_plain(mapping), "changed_at": timezone.now(), "changed_by": by}
    )[0]
