"""What one sample adds to the figures: everything it was tested for in a method family, and what was found.

Says the same as `denominators.is_tested` and `is_detected`, for all subjects at once. No Django here.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

from .denominators import Scopes, is_sound, tells
from .readings import ResultRead, Subject


@dataclass(frozen=True, slots=True)
class Tally:
    """Slugs of substances and classes. `found` is within `tested`."""

    tested: frozenset[str] = frozenset()
    found: frozenset[str] = frozenset()

    def without(self, earlier: "Tally") -> "Tally":
        """What this adds to an earlier tally of the same sample.

        A subject looked for before is not counted again: one sample stands once in one figure. What was
        missed then and is found now changes what was counted before (`release_corrections`).
        """
        if earlier.is_empty:
            return self
        tested = self.tested - earlier.tested
        return Tally(tested, self.found & tested)

    def joined(self, other: "Tally") -> "Tally":
        return Tally(self.tested | other.tested, self.found | other.found)

    @property
    def is_empty(self) -> bool:
        return not self.tested


def count(tallies: Iterable[Tally]) -> dict[str, tuple[int, int]]:
    """Per subject: how many samples were tested for it, and in how many of them it was found."""
    tested: Counter[str] = Counter()
    found: Counter[str] = Counter()
    many = list(tallies)
    # Thousands of samples share a few sets: each set is gone through once.
    for counter, sets in (
        (tested, Counter(each.tested for each in many)),
        (found, Counter(each.found for each in many)),
    ):
        for subjects, samples in sets.items():
            for subject in subjects:
                counter[subject] += samples
    return {subject: (tested[subject], found[subject]) for subject in sorted(tested)}


class Tallier:
    """Tallies results, remembering what each lab looks for with a method on a day."""

    def __init__(self, subjects: Mapping[str, Subject], scopes: Scopes) -> None:
        self._subjects = tuple(subjects.values())
        self._scopes = scopes
        self._told: dict[Hashable, frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}  # one object for all that are equal

    def tally(self, results: Iterable[ResultRead]) -> Tally:
        """All results of one sample in one family together. Whether the sample may be counted is not asked."""
        tested: set[str] = set()
        found: set[str] = set()
        for result in results:
            told = self._told_by(result)
            tested |= told
            for finding in result.detected:
                if finding.identity != "tentative":
                    found |= told & {finding.subject.slug, *finding.subject.classes}
        return Tally(self._one(frozenset(tested)), self._one(frozenset(found)))

    def _one(self, subjects: frozenset[str]) -> frozenset[str]:
        return self._sets.setdefault(subjects, subjects)

    def _told_by(self, result: ResultRead) -> frozenset[str]:
        if not is_sound(result):
            return frozenset()
        # Named outright, a finding decides nothing but itself; a class or a tentative name leaves others open.
        said = frozenset((finding.subject.slug, finding.identity) for finding in result.detected)
        if all(not finding.subject.is_class and finding.identity != "tentative" for finding in result.detected):
            said = frozenset()
        in_force = tuple(id(scope) for scope in self._scopes.open_for(result))
        key = (result.method.slug, in_force, result.chosen_because, said)
        if key not in self._told:
            self._told[key] = self._ask(result)
        return self._told[key]

    def _ask(self, result: ResultRead) -> frozenset[str]:
        return frozenset(subject.slug for subject in self._subjects if tells(result, subject, self._scopes))
