"""One table of a site's own, from its rows to its report."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from .. import bell
from ..tables import Unusable
from .grouping import Group, Grouped
from .keeping import BATCH, Keeper, Kept
from .mapping import Mapping, columns_of, require_columns
from .opening import Line, open_table
from .rejects import Rejects
from .report import Report
from .table_reader import Read, TableReader

Progress = Callable[[int, int], None]  # samples done, samples in all; 0 while the table is read


@dataclass(frozen=True)
class Wish:
    """What is to be brought in, and how it is called in the report."""

    file: Path
    mapping: Mapping
    shown_as: str
    rejects: Path | None = None  # where rejected rows are written; None: nowhere
    key: str = "generic"  # of ids: another key, other samples
    is_each_its_own: bool = False
    batch: int | None = None  # samples in one transaction; None: as many as an import by command


def import_table(wish: Wish, keeper: Keeper, *, progress: Progress = lambda done, total: None) -> Report:
    """Bring a table in. Raises Unusable before anything is stored, where it cannot be read."""
    table = open_table(wish.file, wish.mapping.table_layout, used=columns_of(wish.mapping))
    require_columns(wish.mapping, table)
    if wish.rejects is not None and wish.rejects.exists() and wish.rejects.samefile(wish.file):
        raise Unusable(_("The rejected rows cannot be written over the file they come from."))
    id_place = table.place(wish.mapping.sample_id.column or "")
    assert id_place is not None  # held by require_columns
    reader = TableReader(keeper.site, wish.mapping, table, key=wish.key, is_each_its_own=wish.is_each_its_own)
    report = Report(keeper.file_format, keeper.site.slug, keeper.is_dry_run, keeper.is_replay, parts_are="results")
    report.notes += table.remarks
    with ExitStack() as stack:
        is_long = wish.mapping.layout == "long"
        grouped = stack.enter_context(Grouped(table, id_place, is_long=is_long, beat=lambda: progress(0, 0)))
        try:
            rejects = stack.enter_context(Rejects(wish.rejects, table)) if wish.rejects is not None else None
        except OSError as error:
            raise Unusable(
                _("%(name)s cannot be written: %(why)s.") % {"name": wish.rejects, "why": error.strerror}
            ) from error
        _Bringing(wish, reader, keeper, report, rejects).all(grouped, progress)
    report.notes += reader.remarks()
    report.unknown = [(path, word, count) for (path, word), count in reader.unknown.most_common()]
    if keeper.finish() is not None:
        bell.ring("results")
    return report


class _Bringing:
    """A table on its way in, batch by batch."""

    def __init__(
        self, wish: Wish, reader: TableReader, keeper: Keeper, report: Report, rejects: Rejects | None
    ) -> None:
        self._wish = wish
        self._reader = reader
        self._keeper = keeper
        self._report = report
        self._rejects = rejects

    def all(self, grouped: Grouped, progress: Progress) -> None:
        self._report.rows = grouped.lines_read
        self._report.samples.read = grouped.samples_read
        progress(0, grouped.samples_read)
        groups = grouped.groups()
        done = 0
        while batch := list(islice(groups, self._wish.batch or BATCH)):
            self._batch([(group, self._reader.read(group)) for group in batch])
            done += len(batch)
            progress(done, grouped.samples_read)

    def _batch(self, many: Sequence[tuple[Group, Read]]) -> None:
        kept = iter(self._keeper.keep([read.rows for _group, read in many if read.rows is not None]))
        for group, read in many:
            if read.rows is None:
                self._reject(group, read.faults.by_line)
            else:
                self._tell(group, read, next(kept))

    def _reject(self, group: Group, faults: dict[int, list[str]]) -> None:
        """Every row of the sample, those without a fault too: none of them is in."""
        self._report.samples.rejected += 1
        together = [_("goes in only together with the other rows of its sample, of which one has a fault")]
        for line in group.lines:
            self._reject_line(group, line, faults.get(line.number, together))

    def _reject_line(self, group: Group, line: Line, why: Sequence[str]) -> None:
        self._report.reject(self._wish.shown_as, line.number, group.sample_id, "; ".join(why))
        if self._rejects is not None:
            self._rejects.write(line, why)

    def _tell(self, group: Group, read: Read, kept: Kept) -> None:
        if kept.is_changed:
            changed = [_("was brought in before and says something else now: correct it where it is")]
            self._reject(group, {line.number: changed for line in group.lines})
            return
        self._report.samples.created += kept.is_new
        self._report.samples.known += not kept.is_new
        results = self._report.parts
        refused: dict[int, list[str]] = {}
        assert read.rows is not None  # asked by the caller
        for place, lines in enumerate(read.result_lines):
            results.read += 1
            if place in kept.changed_results:
                results.rejected += 1
                why = _("the result by %(method)s was brought in before and says something else now: correct it "
                        "where it is") % {"method": self._method(read, place)}  # fmt: skip
                for number in lines:
                    refused.setdefault(number, []).append(why)
            elif place in kept.new_results:
                results.created += 1
            else:
                results.known += 1
        for line in group.lines:
            if line.number in refused:
                self._reject_line(group, line, refused[line.number])
        for number, text in read.remarks:
            self._report.remark(self._wish.shown_as, number, text)

    def _method(self, read: Read, place: int) -> str:
        assert read.rows is not None  # asked by the caller
        ids = {key: slug for slug, key in self._reader.known.method_ids.items()}
        return ids[read.rows.results[place].result.method_id]
