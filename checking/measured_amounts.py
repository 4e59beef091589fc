"""The amounts in samples of the ledger: of each sample one on each basis, by the result that was read last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from .ledger import Book, Entry
from .models import Finding, ReleasedResult
from .reading_rows import read_samples
from .readings import ResultRead
from .spreads import KINDS, Measured, Stratum, stratum_of, value_of

_AT_ONCE = 500


def measured_in(members: Iterable[Entry], book: Book) -> Mapping[Stratum, list[Measured]]:
    """What the results behind these entries measured of what was found in them. Only sound results count."""
    found: dict[Stratum, dict[UUID, Measured]] = defaultdict(dict)
    many = list(members)
    for start in range(0, len(many), _AT_ONCE):
        some = many[start : start + _AT_ONCE]
        results = _results_of(some, book)
        reads = _sound({result for of_entry in results.values() for result in of_entry})
        for entry in some:
            for result in sorted(results[entry.id] & reads.keys(), key=lambda each: reads[each][0]):
                for stratum, value in _amounts_of(reads[result][1], entry):
                    found[stratum][entry.sample] = Measured(value, entry.site)
    return {stratum: list(of_sample.values()) for stratum, of_sample in found.items()}


def _results_of(members: Iterable[Entry], book: Book) -> Mapping[int, set[UUID]]:
    results = {entry.id: set(book.results.get(entry.id, ())) for entry in members}
    stored = ReleasedResult.objects.filter(entry__in=[pk for pk in results if pk not in book.results])
    for result, entry in stored.values_list("result_id", "entry_id"):
        results[entry].add(result)
    return results


def _sound(results: Iterable[UUID]) -> dict[UUID, tuple[int, ResultRead]]:
    """Those that measured something and may be relied on, each with its place in the order they were read.

    A method that tells what is there and not how much of it measures nothing, whatever number came with it.
    """
    measured = Finding.objects.filter(result__in=list(results), amount_kind__in=KINDS, is_detected=True)
    samples = set(measured.values_list("result__sample_id", flat=True))
    read = (result for sample in read_samples(sorted(samples)) for result in sample.results)
    return {UUID(each.id): (place, each) for place, each in enumerate(read) if _counts(each)}


def _counts(result: ResultRead) -> bool:
    return result.is_in_control and result.method.measures_amount


def _amounts_of(result: ResultRead, entry: Entry) -> Iterable[tuple[Stratum, Decimal]]:
    for finding in result.detected:
        if finding.amount is None or finding.subject.is_class or finding.subject.slug not in entry.tally.found:
            continue
        if (stratum := stratum_of(finding.subject.slug, finding.amount)) is not None:
            yield stratum, value_of(finding.amount)
