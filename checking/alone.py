"""What is told of watched substances that hardly any sample of a batch was tested for. Plain values in and out.

That a watched substance was found is not kept back, be it in one sample of one. But "1 of 1" of two of them
would be what that one sample held, and "0 of 1" of the others all that it did not hold; so of samples that may
be the same, one substance is told, the worst first. The others are in the sums of five or more that hold them
later, by month and by quarter, and an approved alert, which people weigh, names what it has to (docs/rules.md D2).
"""

from collections.abc import Iterable, Sequence

from .catalogue import Catalogue
from .readings import Subject
from .tallies import Tally

_Samples = frozenset[int]  # by their place


def alone(few: Iterable[str], tallies: Sequence[Tally], known: Catalogue) -> frozenset[str]:
    """Those of the subjects that too few samples were tested for that are told all the same."""
    watched = [subject for slug in few if known.is_watch_listed(subject := known.subject(slug))]
    told: dict[Subject, tuple[_Samples, _Samples]] = {}
    for subject in sorted(watched, key=worst_first):
        tested = frozenset(place for place, tally in enumerate(tallies) if subject.slug in tally.tested)
        found = frozenset(place for place in tested if subject.slug in tallies[place].found)
        follows = any(of == (tested, found) and each.is_within(subject) for each, of in told.items())
        if found and (follows or not any(tested & others for others, _ in told.values())):
            told[subject] = tested, found
    return frozenset(subject.slug for subject in told)


def worst_first(subject: Subject) -> tuple[bool, bool, int, str]:
    """The order of watched substances where not all can be told: the deadly first, of them the narrowest."""
    return not subject.is_life_threatening, subject.is_class, -len(subject.classes), subject.slug
