"""What an area knew of a substance before a result became visible, read from rows."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate

from checking import catalogue
from checking.denominators import Scopes, is_tested
from checking.models import Area, Finding, MethodScope, Result, SubstanceClass
from checking.quality_rows import in_control, possibly_outside
from checking.reading_rows import read_samples
from checking.readings import SampleRead, Subject
from checking.scope_rows import load_scopes

from .detectors.at_once import Denominator
from .places import history_area

_CHUNK = 200  # samples read at a time while counting


class Past:
    """One area, up to an instant. Training sites and what was corrected or withdrawn are not part of it."""

    def __init__(
        self,
        area: Area,
        *,
        before: datetime,
        since_days: int | None = None,  # None: from the beginning
        without: Collection[UUID] = (),  # results that are being looked at themselves
        without_run: int | None = None,  # an import that is replayed and kept in memory
    ) -> None:
        self.area = history_area(area)
        self._before = before
        self._since = before - timedelta(days=since_days) if since_days is not None else None
        self._without = frozenset(without)
        self._without_run = without_run
        self._found: dict[str, bool] = {}  # several rules ask the same

    def was_found(self, subject: Subject) -> bool:
        """True where the substance, or for a class any member, was found in a sample here before."""
        if subject.slug not in self._found:
            findings = Finding.objects.filter(self._about(subject), is_detected=True).exclude(identity="tentative")
            self._found[subject.slug] = self._any_in_control(findings.values("result"))
        return self._found[subject.slug]

    def tested(self, subject: Subject, *, enough: int) -> Denominator:
        """How many samples were tested for it, counted up to `enough`, and when that began."""
        samples, first_on = 0, None
        for sample in self._read(subject):
            if not is_tested(sample, subject, None, self._scopes):
                continue
            samples += 1
            seen = min(each.visible_from for each in sample.results if each.visible_from is not None).date()
            first_on = seen if first_on is None else min(first_on, seen)
            if samples >= enough:
                break
        return Denominator(samples, first_on)

    @cached_property
    def _scopes(self) -> Scopes:
        return load_scopes()

    def _results(self) -> "QuerySet[Result]":
        found = Result.objects.current().filter(
            sample__area__in=Area.objects.within(self.area),
            sample__site__is_training=False,
            screening__visible_from__lte=self._before,
        )
        if self._since is not None:
            found = found.filter(screening__visible_from__gt=self._since)
        if self._without_run is not None:
            found = found.exclude(sample__import_run_id=self._without_run)
        result: QuerySet[Result] = found.exclude(pk__in=self._without) if self._without else found
        return result

    def _telling(self) -> "QuerySet[Result]":
        """Those that a rule could have noticed, but for quality control: no strip of a lot in doubt."""
        past_its_date = Q(lot__expires_on__lt=Coalesce("performed_on", TruncDate("recorded_at", tzinfo=UTC)))
        telling = self._results().filter(outcome="detected")  # which no reagent ever has
        result: QuerySet[Result] = telling.exclude(Q(lot__state="suspect") | past_its_date)
        return result

    def _any_in_control(self, found: Any) -> bool:
        """True where quality control lets one of these results stand. Nearly always the first ones do."""
        telling = self._telling().filter(pk__in=found)
        if not possibly_outside(telling).exists():
            return bool(telling.exists())
        ids = list(telling.values_list("pk", flat=True))
        return any(
            in_control(Result.objects.filter(pk__in=ids[start : start + _CHUNK]))
            for start in range(0, len(ids), _CHUNK)
        )

    def _about(self, subject: Subject) -> Q:
        known = catalogue.current()
        if not subject.is_class:
            return Q(substance_id=known.substance_ids[subject.slug])
        node = SubstanceClass.objects.get(slug=subject.slug)
        within = SubstanceClass.objects.within(node)
        return Q(substance_class__in=within) | Q(substance__substance_class__in=within)

    def _read(self, subject: Subject) -> Iterator[SampleRead]:
        """Samples some result of which might tell of the subject, those visible first, first."""
        results = self._results().filter(
            method__slug__in=self._methods_for(subject), outcome__in=["detected", "not_detected"]
        )
        ordered = results.order_by("screening__visible_from", "pk").values_list("sample_id", flat=True)
        ids = list(dict.fromkeys(ordered.iterator(_CHUNK)))
        for start in range(0, len(ids), _CHUNK):
            yield from (self._as_it_was(each) for each in read_samples(ids[start : start + _CHUNK]))

    def _as_it_was(self, sample: SampleRead) -> SampleRead:
        return as_it_was(sample, self._before, without={str(each) for each in self._without})

    def _methods_for(self, subject: Subject) -> set[str]:
        """Methods that some lab, or the reference, says cover the subject fully."""
        known = catalogue.current()
        rows = MethodScope.objects.filter(is_full=True).values_list(
            "method__slug", "substance__slug", "substance_class__slug"
        )
        return {method for method, substance, class_ in rows if subject.is_within(known.subject(substance or class_))}


def as_it_was(sample: SampleRead, instant: datetime, *, without: Collection[str] = ()) -> SampleRead:
    """The sample with only those results that were visible at an instant."""
    seen = tuple(
        each
        for each in sample.results
        if each.visible_from is not None and each.visible_from <= instant and each.id not in without
    )
    return replace(sample, results=seen)
