"""Samples of the live data that may be counted or taken out, in plain values, some hundreds in memory at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from . import area_tree, catalogue
from .denominators import is_countable
from .models import Area, Expected, Result, Sample, Site
from .reach import Reach, samples_within
from .reading_rows import read_samples
from .readings import ResultRead, SampleRead, Subject
from .tree import successor

if TYPE_CHECKING:
    from django.db.models import QuerySet

READ_AT_ONCE = 500  # samples


def chosen(
    reach: Reach,
    *,
    first: date | None,
    last: date | None,
    area: str = "",
    site: str = "",
    expected: Subject | None = None,
    family: str = "",
    material: str = "",
    form: str = "",
) -> "QuerySet[Sample]":
    """Samples within reach that were chosen by their own facts. No days: those without a day of collection."""
    samples = samples_within(reach)
    if first is None:
        samples = samples.filter(collected_on__isnull=True)
    else:
        samples = samples.filter(collected_on__range=(first, last))
    if area:
        path = area_tree.current(holding=[area]).paths[area]
        samples = samples.filter(area__in=Area.objects.filter(path__gte=path, path__lt=successor(path)))
    if expected is not None:
        samples = samples.filter(Exists(_taken_for(expected)))
    if family:
        of_family = Result.objects.filter(method__family=family)
        in_itself, in_a_part = (
            of_family.filter(sample=OuterRef("pk")),
            of_family.filter(sample__split_of=OuterRef("pk")),
        )
        samples = samples.filter(Exists(in_itself) | Exists(in_a_part))
    for name, value in (("site__slug", site), ("material", material), ("form", form)):
        if value:
            samples = samples.filter(**{name: value})
    return samples


def _taken_for(expected: Subject) -> "QuerySet[Expected]":
    known = catalogue.current()
    within = [slug for slug, subject in known.subjects.items() if subject.is_within(expected)]
    substances = [known.substance_ids[slug] for slug in within if slug in known.substance_ids]
    classes = [known.class_ids[slug] for slug in within if slug in known.class_ids]
    return Expected.objects.filter(Q(substance__in=substances) | Q(substance_class__in=classes), sample=OuterRef("pk"))


def read(samples: "QuerySet[Sample]") -> Iterator[SampleRead]:
    """Each sample with the results of its parts, by day of collection. Results of training labs are left out."""
    training = frozenset(Site.objects.filter(is_training=True).values_list("slug", flat=True))
    keys = samples.order_by("collected_on", "pk").values_list("pk", flat=True).iterator(chunk_size=2000)
    while some := list(islice(keys, READ_AT_ONCE)):
        yield from _joined(some, training)


def _joined(wholes: Sequence[UUID], training: frozenset[str]) -> Iterator[SampleRead]:
    parts = dict(Sample.objects.filter(split_of__in=wholes).values_list("pk", "split_of_id"))
    reads = {UUID(each.id): each for each in read_samples([*wholes, *parts])}
    added: dict[UUID, list[ResultRead]] = defaultdict(list)
    for part, whole in parts.items():
        if part in reads and is_countable(reads[part]):
            added[whole] += reads[part].results
    for key in wholes:
        if (sample := reads.get(key)) is None:
            continue  # gone since its key was read
        results = (*sample.results, *added[key])
        yield replace(sample, results=tuple(result for result in results if result.lab not in training))
