"""Whether published sums, taken together, would single out a few samples. Plain values in and out.

The same samples are published by week of release and again by month of collection or by what was
expected. Each sum holds five or more, yet their differences may not: "all weeks up to this one"
less "all months up to this one" can be a single sample. Seen as a graph, with a node for each
published sum and an edge for the samples that two sums share, a difference that leaves a few
samples is a cut of little weight. So a new sum may be published only where what it is cut off
from hangs on it by nothing, or by five samples or more.

Cutting a vertex off changes only those cuts that part it from the node it was taken out of, so one
maximum flow between the two answers for all of them (L. R. Ford and D. R. Fulkerson,
Canad. J. Math. 8 (1956), 399-404).

Samples that stand in no published sum on one side hang on `NOWHERE`, which is one node whatever the side:
"October" less all weeks that were published leaves those whose week was not.

Five samples that are all of one site, though, say what that site was brought, and on a border of weeks
and months on which day. So the same is asked once more without the samples of each site: what is left
of a cut are the samples of others in it. An unlisted site has to be one of three.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping

from .batches import Collector
from .floors import FEWEST, OTHERS

Pair = tuple[Hashable, Hashable]
Whose = tuple[Hashable, Hashable, Collector]  # a pair, and the site of the sample
Shared = Iterable[Pair] | Mapping[Pair, int]
NOWHERE = "nowhere"  # in no published sum


def smallest_difference(shared: Shared, one: Hashable, other: Hashable) -> int:
    """Fewest samples that a difference of sums which tells `one` from `other` is about; 0 where none does.

    `shared` has one pair for each sample: the sum it stands in on one side (a week), and on the other
    (a month); or how many samples there are of each pair. `one` and `other` are both of the second side.
    """
    # Loaded with the first release and not before: every process would start a second later.
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    weights = {
        (_node("left", left), _node("right", right)): number
        for (left, right), number in Counter(shared).items()
        if not left == right == NOWHERE
    }
    numbers: dict[tuple[str, Hashable], int] = {}
    for pair in weights:
        for node in pair:
            numbers.setdefault(node, len(numbers))
    source, sink = _node("right", one), _node("right", other)
    if source not in numbers or sink not in numbers:
        return 0
    rows, columns, capacities = [], [], []
    for (left, right), weight in weights.items():
        rows += [numbers[left], numbers[right]]
        columns += [numbers[right], numbers[left]]
        capacities += [weight, weight]
    graph = csr_array(  # type: ignore[no-untyped-call]  # scipy has no types
        (np.array(capacities, dtype=np.int32), (np.array(rows), np.array(columns))),
        shape=(len(numbers), len(numbers)),
    )
    return int(maximum_flow(graph, numbers[source], numbers[sink]).flow_value)


def _node(side: str, of: Hashable) -> tuple[str, Hashable]:
    return ("", NOWHERE) if of == NOWHERE else (side, of)


def hides_enough(shared: Shared, one: Hashable, other: Hashable) -> bool:
    """True when publishing `one` apart from `other` singles out nobody's sample, nor a few."""
    fewest = smallest_difference(shared, one, other)
    return fewest == 0 or fewest >= FEWEST


def hides_sites(shared: Mapping[Whose, int], one: Hashable, other: Hashable) -> bool:
    """True when, besides, no difference is one site's own or nearly so. `shared` says whose the samples are.

    A site that gave its written yes to being published alone need not be hidden.
    """
    everything = _without((), shared)
    if not hides_enough(everything, one, other):
        return False
    if smallest_difference(everything, one, other) == 0:
        return True
    sites = {site for _, _, site in shared}
    hidden = {site for site in sites if not site.publishes_alone}
    if any(smallest_difference(_without({site}, shared), one, other) < OTHERS for site in hidden):
        return False
    pairs = [{site, beside} for site in hidden if not site.is_listed for beside in sites if beside != site]
    return all(smallest_difference(_without(pair, shared), one, other) > 0 for pair in pairs)


def _without(left_out: Collection[Collector], shared: Mapping[Whose, int]) -> Counter[Pair]:
    pairs: Counter[Pair] = Counter()
    for (left, right, site), samples in shared.items():
        if site not in left_out:
            pairs[left, right] += samples
    return pairs
