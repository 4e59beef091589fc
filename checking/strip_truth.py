"""How often this network's strips were right, where a lab followed them up. Read from the rows once a day.

Counted over the newest results of labs only, so that it costs the same in a large network, and says what
strips do now. For those who read a result with its code and for staff; no public page shows it.
"""

import threading
import time
from dataclasses import replace
from uuid import UUID

from django.db.models import Exists, OuterRef

from .follow_up import followed_up_right
from .interpretation import NOT_KNOWN, Truths
from .models import Result, Sample, Site
from .reading_rows import read_samples
from .scope_rows import load_scopes

NEWEST = 500  # results of labs; read in about half a second, once a day in each process
KEPT_SECONDS = 24 * 60 * 60
_AT_ONCE = 200  # samples read at a time

_lock = threading.Lock()
_held: tuple[float, Truths] | None = None


def current() -> Truths:
    """What was true when it was last counted, at most a day ago. While someone counts, the others do not wait."""
    global _held
    held = _held
    if held is not None and time.monotonic() - held[0] < KEPT_SECONDS:
        return held[1]
    if not _lock.acquire(blocking=False):
        return held[1] if held is not None else NOT_KNOWN
    try:
        truths = read()
        _held = (time.monotonic(), truths)
        return truths
    finally:
        _lock.release()


def forget() -> None:
    """Count anew next time."""
    global _held
    _held = None


def read() -> Truths:
    """Counted now. Left out: training sites and labs, withdrawn and corrected results, what quality control doubts."""
    ids = _followed_up()
    if not ids:
        return NOT_KNOWN
    training = frozenset(Site.objects.filter(is_training=True).values_list("slug", flat=True))
    samples = (
        replace(sample, results=tuple(result for result in sample.results if result.lab not in training))
        for start in range(0, len(ids), _AT_ONCE)
        for sample in read_samples(ids[start : start + _AT_ONCE])
    )
    return followed_up_right(samples, load_scopes())


def _followed_up() -> list[UUID]:
    """Of the samples that a method which names one compound exactly was read of last, those with a strip."""
    standing = Result.objects.current().filter(outcome__in=("detected", "not_detected"), lab__is_training=False)
    by_labs = standing.filter(method__names_exactly=True).order_by("-recorded_at").values("sample_id")[:NEWEST]
    return list(
        Sample.objects.filter(
            Exists(standing.filter(sample=OuterRef("pk"), method__family="strip")),
            pk__in=by_labs,
            share=True,
            is_contaminated=False,
            site__is_training=False,
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
