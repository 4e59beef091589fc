"""Findings out of the rows of one result: names in columns, or a column for each substance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from ..readings import MethodFacts
from .cells import Cells
from .mapping import FindingMap
from .meanings import NOTHING, said
from .naming import split_names
from .opening import Line
from .quantities import LIMIT_UNITS, Quantity, read_quantity

if TYPE_CHECKING:
    from .table_reader import TableReader


@dataclass(frozen=True)
class ReadFinding:
    """One finding as the body has it."""

    plain: dict[str, Any]
    column: str
    is_range: bool = False  # only the ends are known: a body needs a value, history does not

    @property
    def is_detected(self) -> bool:
        return self.plain.get("detected") is not False

    def said(self) -> list[Any]:
        return [self.plain, self.is_range]


class FindingReader:
    """The findings of one result."""

    def __init__(self, reader: "TableReader", cells: Cells, method: MethodFacts) -> None:
        self._reader = reader
        self._cells = cells
        self._method = method
        self.said_nothing = False  # somebody looked, and wrote that there was nothing

    def read(self, maps: Sequence[FindingMap], at: str, lines: Sequence[Line]) -> list[ReadFinding]:
        return [
            finding
            for line in lines
            for number, columns in enumerate(maps)
            for finding in self._of_cells(columns, f"{at}findings.{number}.", line)
        ]

    def _of_cells(self, columns: FindingMap, at: str, line: Line) -> Iterator[ReadFinding]:
        names = self._names(columns, at, line)
        amounts = self._amounts(columns, at, line, len(names))
        if columns.substance.constant is not None and not any(amounts) and not self._cells.text(line, columns.detected):
            return  # nothing is said of this substance
        if not names and any(amounts):
            self._fault(line, columns, _("an amount stands beside no substance"))
        for name, amount in zip(names, amounts, strict=True) if len(names) == len(amounts) else ():
            finding = self._finding(columns, at, line, name, amount)
            if finding is not None:
                yield finding

    def _names(self, columns: FindingMap, at: str, line: Line) -> list[str]:
        text = self._cells.text(line, columns.substance)
        whole = self._cells.translated(f"{at}substance", text)
        if not whole:
            return []
        names = split_names(whole, columns.substance.separators, self._reader.known)
        return [name for each in names if (name := self._cells.translated(f"{at}substance", each))]

    def _amounts(self, columns: FindingMap, at: str, line: Line, names: int) -> list[str]:
        """One for each name, "" where none is given."""
        text = self._cells.translated(f"{at}amount", self._cells.text(line, columns.amount))
        if columns.amount is None or not text:
            return [""] * max(names, 1) if names else []
        signs = columns.amount.separators or columns.substance.separators
        if names <= 1 or not signs:
            parts = [text]
        else:
            parts = "".join("\0" if sign in signs else sign for sign in text).split("\0")
        amounts = [self._cells.translated(f"{at}amount", part.strip()) for part in parts]
        if names and len(amounts) != names:
            why = _("%(amounts)s amounts stand beside %(names)s substances") % {"amounts": len(amounts), "names": names}
            self._fault(line, columns, why)
            return []
        return amounts

    def _finding(self, columns: FindingMap, at: str, line: Line, name: str, amount: str) -> ReadFinding | None:
        if said(name) in NOTHING:
            self.said_nothing = True
            return None
        slug = self._slug(columns, at, line, name)
        quantity, kind = self._quantity(columns, at, line, amount)
        if slug is None or quantity is None:
            return None
        is_detected = self._is_detected(columns, at, line, quantity)
        plain: dict[str, Any] = {"substance": slug}
        if not is_detected:
            plain["detected"] = False
            if quantity.limit and kind in LIMIT_UNITS:
                plain["limit"] = {"value": float(quantity.limit), "unit": LIMIT_UNITS[kind]}
        elif quantity.rank:
            plain["amount"] = {"kind": "relative", "value": quantity.rank}
        elif quantity.value is not None or quantity.low is not None:
            plain["amount"] = self._measured(columns, at, line, quantity, kind)
        column = columns.substance.column or (columns.amount or columns.detected or columns.substance).column or "?"
        return ReadFinding(plain, column, is_range=is_detected and quantity.low is not None)

    def _slug(self, columns: FindingMap, at: str, line: Line, name: str) -> str | None:
        match = self._reader.known.find(name)
        if match.kind in {"one", "class"}:
            return match.subjects[0].slug
        if match.kind == "not_a_substance":
            self._cells.remarks.append(
                (line.number, _("“%(word)s” names no substance: no finding is kept") % {"word": name[:60]})
            )
            return None
        self._reader.unknown[f"{at}substance", name] += 1
        if match.subjects:
            meanings = ", ".join(subject.name for subject in match.subjects)
            why = _("“%(text)s” can mean several things: %(names)s") % {"text": name[:60], "names": meanings}
        else:
            near = ", ".join(self._reader.known.nearest(name))
            why = _("“%(text)s” is not a name we know") % {"text": name[:60]}
            why += _("; perhaps %(names)s") % {"names": near} if near else ""
        self._fault(line, columns, why)
        return None

    def _quantity(self, columns: FindingMap, at: str, line: Line, amount: str) -> tuple[Quantity | None, str]:
        if not amount or columns.amount is None:
            return Quantity(), ""
        kind = self._cells.one_of(f"{at}kind", columns.kind, "kind", [line])
        if not kind:
            self._cells.faults.add(
                line.number, columns.amount.column or "amount", _("what kind of amount it is, is blank")
            )
            return None, ""
        try:
            mapping = self._reader.mapping
            return read_quantity(amount, kind, decimal=mapping.decimal or None, below=columns.below), kind
        except ValueError as error:
            self._reader.unknown[f"{at}amount", amount] += 1
            self._cells.faults.add(line.number, columns.amount.column or "amount", str(error))
            return None, kind

    def _is_detected(self, columns: FindingMap, at: str, line: Line, quantity: Quantity) -> bool:
        answer = self._cells.one_of(f"{at}detected", columns.detected, "detected", [line])
        if not answer:
            return quantity.is_detected
        has_amount = bool(quantity.rank) or quantity.value is not None or quantity.low is not None
        if (answer == "no" and has_amount) or (answer == "yes" and not quantity.is_detected):
            self._fault(line, columns, _("whether it was found, and its amount, contradict each other"))
        return answer == "yes"

    def _measured(self, columns: FindingMap, at: str, line: Line, quantity: Quantity, kind: str) -> dict[str, Any]:
        ends = {name: float(end) for name, end in (("low", quantity.low), ("high", quantity.high)) if end is not None}
        value = quantity.value if quantity.value is not None else quantity.low
        assert value is not None  # asked by the caller
        basis = self._cells.translated(f"{at}basis", self._cells.text(line, columns.basis))
        return {"kind": kind, "value": float(value), **ends, **({"basis": basis} if basis else {})}

    def _fault(self, line: Line, columns: FindingMap, why: str) -> None:
        column = columns.substance.column or (columns.amount or columns.detected or columns.substance).column or ""
        self._cells.faults.add(line.number, column, why)
