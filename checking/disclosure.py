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

Five samples that are all of one site, though, say what that site was brought, and on a border of weeks
and months on which day. So the same is asked once more without the samples of each site: what is left
of a cut are the samples of others in it.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from .batches import FEWEST, Collector

Pair = tuple[Hashable, Hashable]
Whose = tuple[Hashable, Hashable, Collector]  # a pair, and the site of the sample
Shared = Iterable[Pair] | Mapping[Pair, int]
OTHERS = 2  # samples not of the site, in five of which four would be its own already (`batches.DOMINANT`)


def smallest_difference(shared: Shared, one: Hashable, other: Hashable) -> int:
    """Fewest samples that a difference of sums which tells `one` from `other` is about; 0 where none does.

    `shared` has one pair for each sample: the sum it stands in on one side (a week), and on the other
    (a month); or how many samples there are of each pair. `one` and `other` are both of the second side.
    """
    # Loaded with the first release and not before: every process would start a second later.
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    weights = {(("left", left), ("right", right)): number for (left, right), number in Counter(shared).items()}
    numbers: dict[tuple[str, Hashable], int] = {}
    for pair in weights:
        for node in pair:
            numbers.setdefault(node, len(numbers))
    source, sink = ("right", one), ("right", other)
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


def hides_enough(shared: Shared, one: Hashable, other: Hashable) -> bool:
    """True when publishing `one` apart from `other` singles out nobody's sample, nor a few."""
    fewest = smallest_difference(shared, one, other)
    return fewest == 0 or fewest >= FEWEST


def hides_sites(shared: Mapping[Whose, int], one: Hashable, other: Hashable) -> bool:
    """True when, besides, no difference is one site's own or nearly so. `shared` says whose the samples are.

    A site that gave its written yes to being published alone need not be hidden.
    """
    everything = _without(None, shared)
    if not hides_enough(everything, one, other):
        return False
    if smallest_difference(everything, one, other) == 0:
        return True
    sites = {site for _, _, site in shared if not site.publishes_alone}
    return all(smallest_difference(_without(site, shared), one, other) >= OTHERS for site in sites)


def _without(left_out: Collector | None, shared: Mapping[Whose, int]) -> Counter[Pair]:
    pairs: Counter[Pair] = Counter()
    for (left, right, site), samples in shared.items():
        if site != left_out:
            pairs[left, right] += samples
    return pairs
