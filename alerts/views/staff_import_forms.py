"""What the columns of a table hold, as a form without scripts: a choice of columns for each field of ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checking.importing.days import FORMATS
from checking.importing.delimited import ENCODINGS
from checking.importing.mapping import DAY_FIELDS, MOST_RESULTS
from checking.importing.opening import Layout

Plain = dict[str, Any]

SAMPLE_LABELS = {
    "sample_id": gettext_lazy("Number of the sample"),
    "collected_on": gettext_lazy("Day it was brought"),
    "area": gettext_lazy("Where it is from"),
    "expected": gettext_lazy("Taken for"),
    "form": gettext_lazy("Form"),
    "carrier": gettext_lazy("Where it was"),
    "material": gettext_lazy("What was handed over"),
    "colours": gettext_lazy("Colour"),
    "overdose": gettext_lazy("Was an overdose linked to it?"),
    "share": gettext_lazy("May it be counted in public figures?"),
}
RESULT_LABELS = {
    "method": gettext_lazy("Column that names the method"),
    "outcome": gettext_lazy("Outcome"),
    "control": gettext_lazy("Strip: did the control line show?"),
    "test_line": gettext_lazy("Strip: test line"),
    "performed_on": gettext_lazy("Day it was read"),
    "completed_on": gettext_lazy("Day the result was there"),
    "lab": gettext_lazy("Lab"),
    "lot_brand": gettext_lazy("Strip: brand"),
    "lot_number": gettext_lazy("Strip: lot"),
    "sample_mg": gettext_lazy("Sample, in mg"),
    "diluent_ml": gettext_lazy("Water, in mL"),
    "weighed": gettext_lazy("Was it weighed?"),
    "chosen_because": gettext_lazy("Why it was read"),
    "run": gettext_lazy("Tells several results by one method apart"),
}
KINDS = (
    ("", "—"),
    ("relative", gettext_lazy("in words (primary, trace)")),
    ("percent_w_w", gettext_lazy("% by mass, measured")),
    ("percent_ftir", gettext_lazy("% by FTIR, estimated")),
    ("mg_per_unit", gettext_lazy("mg in one unit")),
    ("ug_per_unit", gettext_lazy("µg in one unit")),
    ("mg_per_g", gettext_lazy("mg in one g")),
)
BELOW = (
    ("", "—"),
    ("not_detected", gettext_lazy("not detected")),
    ("detected", gettext_lazy("there, too little to measure")),
)
LAYOUTS = (
    ("wide", gettext_lazy("Each row is a sample")),
    ("long", gettext_lazy("Several rows belong to one sample, by its number")),
)
SEPARATED = ("expected", "colours")
USUAL_SEPARATORS = ";"
FINDINGS_SHOWN = 4  # rows, at least; a mapping that has more shows two beyond them


def _choice(label: Any, options: Sequence[tuple[str, Any]], initial: str | None = "") -> Any:
    return forms.ChoiceField(label=label, choices=options, required=False, initial=initial or "")


def _text(label: Any, initial: str | None = "", longest: int = 200, **attributes: str) -> Any:
    usual = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
    widget = forms.TextInput(attrs={**usual, **attributes})
    return forms.CharField(
        label=label, required=False, max_length=longest, initial=initial or "", widget=widget, strip=longest > 10
    )


@dataclass(frozen=True)
class FindingGroup:
    """The fields of one column of substances, or of one substance."""

    number: int
    main: list[BoundField]
    more: list[BoundField]  # what few tables need
    is_used: bool

    @property
    def shows_more(self) -> bool:
        return any(field.value() or field.errors for field in self.more)


@dataclass(frozen=True)
class ResultGroup:
    """The fields of one result, for the page."""

    number: int
    is_open: bool
    main: list[BoundField]
    more: list[BoundField]
    first: FindingGroup
    others: list[FindingGroup]

    @property
    def shows_others(self) -> bool:
        return any(each.is_used for each in self.others)


class LayoutForm(forms.Form):
    """How a table is to be opened, where that was not found out rightly."""

    header_row = forms.IntegerField(
        label=gettext_lazy("Row with the names of the columns"), min_value=1, max_value=1000
    )
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), required=False)
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"), required=False,
        choices=[("", gettext_lazy("found out")), *((name, name) for name in ENCODINGS)],
    )  # fmt: skip
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Between values stands"), required=False,
        choices=[
            ("", gettext_lazy("found out")), (",", gettext_lazy("a comma")), (";", gettext_lazy("a semicolon")),
            ("tab", gettext_lazy("a tab")), ("|", "|"),
        ],
    )  # fmt: skip

    def __init__(self, data: Any, layout: Layout, sheets: Sequence[str]) -> None:
        initial = {
            "header_row": layout.header_row, "sheet": layout.sheet, "encoding": layout.encoding,
            "delimiter": "tab" if layout.delimiter == "\t" else layout.delimiter,
        }  # fmt: skip
        super().__init__(data, prefix="layout", initial=initial)
        self.fields["sheet"].choices = [("", _("the first")), *((name, name) for name in sheets)]  # type: ignore[attr-defined]

    def plain(self) -> Plain:
        clean = self.cleaned_data
        return {**clean, "delimiter": "\t" if clean["delimiter"] == "tab" else clean["delimiter"]}


class MappingForm(forms.Form):
    """What the columns hold. `plain` is the mapping so far: what has no field here is kept from it."""

    def __init__(self, data: Any, *, plain: Plain, columns: Sequence[str], methods: Sequence[tuple[str, Any]]) -> None:
        super().__init__(data)
        self._before = plain
        self._columns = [("", "—"), *((name, name) for name in columns)]
        self._methods = [("", "—"), *methods]
        results = plain.get("results") or []
        self._counts = [self._rows(result) for result in results] + [FINDINGS_SHOWN]
        self._counts = self._counts[:MOST_RESULTS]
        self.fields["layout"] = _choice(_("Rows"), LAYOUTS, plain.get("layout", "wide"))
        self.fields["decimal"] = _choice(
            _("Sign before decimals"),
            [("", _("found out, number by number")), (",", _("a comma")), (".", _("a point"))],
            plain.get("decimal", ""),
        )
        for name, label in SAMPLE_LABELS.items():
            self._add_sources(name, name, label, plain.get(name) or {})
        for place in range(len(self._counts)):
            self._add_result(place, results[place] if place < len(results) else {})

    @staticmethod
    def _rows(result: Plain) -> int:
        return max(FINDINGS_SHOWN, len(result.get("findings") or []) + 2)

    def _add_sources(self, key: str, name: str, label: Any, source: Plain) -> None:
        self.fields[key] = _choice(label, self._options(source.get("column")), source.get("column"))
        if name in DAY_FIELDS:
            formats = [("", _("Please choose")), *((each, each) for each in FORMATS)]
            self.fields[f"{key}-format"] = _choice(_("How its dates are written"), formats, source.get("date_format"))
        if name in SEPARATED:
            initial = source.get("separators", USUAL_SEPARATORS if not source else "")
            self.fields[f"{key}-separators"] = _text(_("Between several values stands"), initial, 10)

    def _options(self, column: str | None) -> list[tuple[str, Any]]:
        """The columns, and the one chosen before if this table lacks it: the check says so then."""
        if column and column not in dict(self._columns):
            return [*self._columns, (column, _("%(name)s (not in this table)") % {"name": column})]
        return self._columns

    def _add_result(self, place: int, result: Plain) -> None:
        at = f"r{place}"
        constant = (result.get("method") or {}).get("constant")
        self.fields[f"{at}-is"] = _choice(_("Method of all rows"), self._methods, constant)
        for name, label in RESULT_LABELS.items():
            self._add_sources(f"{at}-{name}", name, label, result.get(name) or {})
        findings = result.get("findings") or []
        for number in range(self._counts[place]):
            self._add_finding(f"{at}-f{number}", findings[number] if number < len(findings) else {})

    def _add_finding(self, at: str, finding: Plain) -> None:
        substance = finding.get("substance") or {}
        for name, label in (
            ("substance", _("Column of substances")), ("amount", _("Column of amounts")),
            ("detected", _("Column that says whether it was found")),
        ):  # fmt: skip
            source = finding.get(name) or {}
            self.fields[f"{at}-{name}"] = _choice(label, self._options(source.get("column")), source.get("column"))
        initial = substance.get("separators", USUAL_SEPARATORS if not finding else "")
        self.fields[f"{at}-separators"] = _text(_("Between several values stands"), initial, 10)
        self.fields[f"{at}-is"] = _text(_("or one substance"), substance.get("constant"), list="names")
        self.fields[f"{at}-kind"] = _choice(_("Amounts are"), KINDS, (finding.get("kind") or {}).get("constant"))
        self.fields[f"{at}-below"] = _choice(_("“<0.5” means"), BELOW, finding.get("below"))

    # For the page

    @property
    def table_fields(self) -> list[BoundField]:
        return [self["layout"], self["decimal"]]

    @property
    def sample_fields(self) -> list[list[BoundField]]:
        return [self._beside(name) for name in SAMPLE_LABELS]

    @property
    def results(self) -> Iterator[ResultGroup]:
        for place, count in enumerate(self._counts):
            at = f"r{place}"
            more = [
                field
                for name in RESULT_LABELS
                if name not in {"method", "outcome"}
                for field in self._beside(f"{at}-{name}")
            ]
            findings = [self._finding_group(f"{at}-f{number}", number) for number in range(count)]
            is_open = place == 0 or bool((self._before.get("results") or [])[place : place + 1])
            main = [self[f"{at}-is"], self[f"{at}-method"], self[f"{at}-outcome"]]
            yield ResultGroup(place + 1, is_open, main, more, findings[0], findings[1:])

    def _finding_group(self, at: str, number: int) -> FindingGroup:
        main = [self[f"{at}-{name}"] for name in ("substance", "separators", "amount", "kind")]
        more = [self[f"{at}-{name}"] for name in ("is", "detected", "below")]
        is_used = any(field.value() or field.errors for field in (*main, *more) if field is not main[1])
        return FindingGroup(number + 1, main, more, is_used)

    def _beside(self, key: str) -> list[BoundField]:
        names = [key, f"{key}-format", f"{key}-separators"]
        return [self[name] for name in names if name in self.fields]

    # What was chosen

    def plain(self) -> Plain:
        """The mapping as chosen. Words explained before stay with their column."""
        clean = self.cleaned_data
        made: Plain = {name: self._before[name] for name in _KEPT if name in self._before}
        made |= {"layout": clean["layout"] or "wide"}
        if clean["decimal"]:
            made["decimal"] = clean["decimal"]
        for name in SAMPLE_LABELS:
            source = self._source(name, self._before.get(name))
            if source:
                made[name] = source
        before = self._before.get("results") or []
        results = [
            self._result(place, before[place] if place < len(before) else {}) for place in range(len(self._counts))
        ]
        made["results"] = [result for result in results if result]
        made.setdefault("sample_id", {})
        return made

    def _source(self, key: str, before: Plain | None) -> Plain:
        clean, old = self.cleaned_data, before or {}
        column = clean[key]
        if not column:
            return old if "constant" in old else {}
        source: Plain = {"column": column}
        if clean.get(f"{key}-format"):
            source["date_format"] = clean[f"{key}-format"]
        if clean.get(f"{key}-separators"):
            source["separators"] = clean[f"{key}-separators"]
        if old.get("column") == column and old.get("words"):
            source["words"] = old["words"]
        return source

    def _result(self, place: int, before: Plain) -> Plain:
        at = f"r{place}"
        result: Plain = {}
        for name in RESULT_LABELS:
            source = self._source(
                f"{at}-{name}", before.get(name) if name != "method" else _column_only(before.get(name))
            )
            if source:
                result[name] = source
        if self.cleaned_data[f"{at}-is"]:
            result["method"] = {"constant": self.cleaned_data[f"{at}-is"], **result.get("method", {})}
        old = before.get("findings") or []
        findings = [
            self._finding(f"{at}-f{number}", old[number] if number < len(old) else {})
            for number in range(self._counts[place])
        ]
        if any(findings):
            result["findings"] = [finding for finding in findings if finding]
        if result and "method" not in result:
            result["method"] = {}
        return result

    def _finding(self, at: str, before: Plain) -> Plain:
        clean = self.cleaned_data
        finding: Plain = {}
        for name in ("substance", "amount", "detected"):
            source = self._source(f"{at}-{name}", _column_only(before.get(name)))
            if source:
                finding[name] = source
        if clean[f"{at}-is"]:
            finding["substance"] = {"constant": clean[f"{at}-is"], **finding.get("substance", {})}
        if not finding:
            return {}
        substance = finding.setdefault("substance", {})
        if "column" in substance and clean[f"{at}-separators"]:
            substance["separators"] = clean[f"{at}-separators"]
        if clean[f"{at}-kind"]:
            finding["kind"] = {"constant": clean[f"{at}-kind"]}
        elif "column" in (before.get("kind") or {}):
            finding["kind"] = before["kind"]
        if clean[f"{at}-below"]:
            finding["below"] = clean[f"{at}-below"]
        if "basis" in before:
            finding["basis"] = before["basis"]
        return finding

    def explain(self, faults: Mapping[str, str]) -> None:
        """Put what makes no sense beside the field it was chosen in."""
        for path, said in faults.items():
            key = _key_of(path)
            self.add_error(key if key in self.fields else None, said)


_KEPT = ("sheet", "header_row", "encoding", "delimiter")


def _column_only(source: Plain | None) -> Plain | None:
    return source if source and "column" in source else None


def _key_of(path: str) -> str:
    """The field on the page for a path in the mapping: `results.0.findings.1.kind` is r0-f1-kind."""
    parts = path.split(".")
    if parts[0] != "results" or len(parts) < 3:
        return parts[0]
    if parts[2] == "findings" and len(parts) > 4:
        return f"r{parts[1]}-f{parts[3]}-{parts[4]}"
    is_method = parts[2] == "method"
    return f"r{parts[1]}-{'is' if is_method else parts[2]}"


@dataclass(frozen=True)
class Question:
    """A word of the table that nobody explained yet."""

    number: int
    path: str
    word: str
    column: str
    count: int
    choices: Sequence[tuple[str, str]]  # empty: any name may be typed
    near: Sequence[str]


def field_of(path: str) -> str:
    """The last name of a path: which field of ours a word is asked for."""
    return path.rpartition(".")[2]
