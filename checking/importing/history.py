"""One import from its files to its report."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from .. import bell
from .joining import Joined, Joint
from .keeping import BATCH, Keeper, Kept
from .report import Report
from .unc import KEY, Read, Reader, tell_apart

T = TypeVar("T")
Progress = Callable[[int, int], None]  # samples done, samples in all


def import_unc(files: Sequence[Path], keeper: Keeper, *, progress: Progress = lambda done, total: None) -> Report:
    """Bring history in. Raises Unusable before anything is stored, where a file cannot be read."""
    cards, details = tell_apart(files)
    report = Report("unc", keeper.site.slug, is_dry_run=keeper.is_dry_run, is_replay=keeper.is_replay)
    names = (cards.name, details.name)
    reader = Reader(keeper.site)
    with Joined(cards, details, key=KEY) as joined:
        report.samples.read, report.lab_rows.read = joined.cards_read, joined.details_read
        done = 0
        for joints in _batches(joined.samples(), BATCH):
            _keep_batch([(joint, reader.read(joint)) for joint in joints], keeper, report, names)
            done += len(joints)
            progress(done, joined.cards_read)
        for row in joined.orphans():
            report.lab_rows.rejected += 1
            why = row.fault or "no sample with this sampleid is in the file of samples"
            report.reject(names[1], row.line, row.values.get(KEY, ""), why)
    if keeper.finish() is not None:
        bell.ring("results")
    return report


def _batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(items, size)):
        yield batch


def _keep_batch(many: Sequence[tuple[Joint, Read]], keeper: Keeper, report: Report, names: tuple[str, str]) -> None:
    sound = [read.rows for _, read in many if read.rows is not None]
    kept = iter(keeper.keep(sound))
    for joint, read in many:
        if read.rows is None:
            _tell_rejected(joint, read, report, names)
        else:
            _tell_kept(joint, read, next(kept), report, names)


def _tell_rejected(joint: Joint, read: Read, report: Report, names: tuple[str, str]) -> None:
    """Every row of the sample, those without a fault too: none of them is in."""
    report.samples.rejected += 1
    report.lab_rows.rejected += len(joint.details)
    together = "goes in only together with its sample, of which another row has a fault"
    report.reject(names[0], joint.card.line, read.sample_id, "; ".join(read.card_faults) or together)
    for row in joint.details:
        report.reject(names[1], row.line, read.sample_id, "; ".join(read.detail_faults.get(row.line, [together])))


def _tell_kept(joint: Joint, read: Read, kept: Kept, report: Report, names: tuple[str, str]) -> None:
    if kept.is_changed:
        changed = "was brought in before and says something else now: correct it where it is"
        read.card_faults.append(changed)
        _tell_rejected(joint, read, report, names)
        return
    report.samples.created += kept.is_new
    report.samples.known += not kept.is_new
    for place, lines in enumerate(read.result_lines):
        if place in kept.changed_results:
            report.lab_rows.rejected += len(lines)
            for line in lines:
                why = "the lab's result was brought in before and says something else now: correct it where it is"
                report.reject(names[1], line, read.sample_id, why)
        elif place in kept.new_results:
            report.lab_rows.created += len(lines)
        else:
            report.lab_rows.known += len(lines)
    for text in read.card_remarks:
        report.remark(names[0], joint.card.line, text)
    for line, text in read.detail_remarks:
        report.remark(names[1], line, text)
