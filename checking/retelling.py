"""Which changes of what was published may be told now. Plain values in and out.

Whoever kept an older version subtracts: where one sample left, the difference is all that was in it. So a
change waits, like everything else, until five samples that stand in the same sums have changed alike
(docs/rules.md D2). What cannot wait is told at once and by itself: that a watched substance was found after
all, or had been said wrongly to be there; of one sample one substance in each release.
"""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from .alone import worst_first
from .batches import may_stand
from .catalogue import Catalogue
from .ledger import Entry
from .periods import month_of
from .release_corrections import Change
from .tallies import Tally


def told_now(changes: Iterable[Change], classes: Mapping[UUID, frozenset[str]], known: Catalogue) -> list[Change]:
    """What the ledger is to hold after this release. `classes`: of each sample, what it was taken for.

    A change that waits is found again with the next release: its results stay listed as they are.
    """
    told: list[Change] = []
    groups: dict[Hashable, list[Change]] = defaultdict(list)
    for change in changes:
        if change.tally == change.entry.tally:
            told.append(change)  # other results say the same
        else:
            groups[_sums_of(change, classes.get(change.entry.sample, frozenset()))].append(change)
    for alike in groups.values():
        if not is_of_few(alike):
            told += alike
        else:
            told += [part for change in alike if (part := _what_cannot_wait(change, known)) is not None]
    return told


def is_of_few(changes: Collection[Change]) -> bool:
    """True where a difference about these samples would say of a few, or of one site, what they were."""
    return not may_stand(list({change.entry.sample: change.entry.site for change in changes}.values()))


def _sums_of(change: Change, classes: frozenset[str]) -> Hashable:
    """All published sums a sample stands in, and whether it leaves any: those alike can only be told of together."""
    entry = change.entry
    leaves = (entry.tally.tested, change.tally.tested) if entry.tally.tested != change.tally.tested else None
    return (
        (entry.area, entry.family, entry.material, entry.batch),
        (entry.final_release, _month(entry)),
        (entry.expected_release, entry.paired_release, classes if entry.expected_release else None),
        leaves,
    )


def _month(entry: Entry) -> Hashable:
    return month_of(entry.collected_on) if entry.collected_on else None


def _what_cannot_wait(change: Change, known: Catalogue) -> Change | None:
    now, said = change.entry.tally, change.said
    if gained := _worst(said.found - now.found, known):
        tally = Tally(now.tested | gained, now.found | gained)
    elif lost := _worst(now.found - said.found, known):
        tally = Tally(now.tested, now.found - lost)
    else:
        return None
    # A later result is listed once nothing of it waits to be told at once; what else it found is not told alone.
    is_later = set(change.listed) < set(change.results)
    waits = not is_later or _worst(said.found - tally.found, known)
    return replace(change, tally=tally, results=change.listed if waits else change.results)


def _worst(slugs: Collection[str], known: Catalogue) -> frozenset[str]:
    """One of those that are watched, with the classes that follow from it. Two at once would be of one sample."""
    subjects = [subject for slug in slugs if known.is_watch_listed(subject := known.subject(slug))]
    if not subjects:
        return frozenset()
    one = min(subjects, key=worst_first)
    return frozenset({one.slug, *one.classes} & set(slugs))
