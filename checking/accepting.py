"""From a body to rows: what a sample may say, checked against the vocabulary and the calendar.

Nothing is written here. Every problem found is reported at once, each under its field's path.
"""

import difflib
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Protocol

from django.db import models
from django.utils import timezone as clock

from . import area_tree, bodies, catalogue, saying
from .catalogue import Catalogue, Match
from .codes import code_for, hash_of
from .identifying import refuse_identifying
from .models import Area, Finding, Result, Sample, Site, User
from .models.samples import Entry
from .problems import Problems
from .random_ids import random_id
from .readings import MethodFacts
from .rows import ExpectedRow, FindingRow, LotRow, OverdoseRow, ResultRow, ResultRows, SampleRow, SampleRows

__all__ = ["Problems", "Source", "accept_correction", "accept_results", "accept_sample", "client_hash"]

EARLIEST = date(1970, 1, 1)
LATEST_ZONE = timezone(timedelta(hours=14))  # where a day begins first
LATE_AFTER = timedelta(hours=24)
NEAR_ENOUGH = 0.6  # how like a slug must be to be suggested, from 0 to 1


class OfSample(Protocol):
    """A sample, stored or about to be, as far as its results need it."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def collected_on(self) -> date | None: ...


@dataclass(frozen=True)
class Source:
    """Who sends: the site, a person where one is signed in, and how it came."""

    site: Site
    by: User | None = None
    entry: str = Entry.SINGLE
    labs: dict[str, int] = field(default_factory=dict, compare=False)  # those looked up for this sender


def client_hash(client_id: str) -> bytes:
    """Ids that clients make are kept as hashes only."""
    return hashlib.sha256(client_id.lower().encode()).digest()


def body_hash(body: bodies.Body) -> bytes:
    return hashlib.sha256(bodies.canonical(body)).digest()


def accept_sample(body: bodies.NewSample, source: Source) -> SampleRows:
    """The rows of a sample. Raises Problems with every field at fault."""
    return _Accepting(source).sample(body)


def accept_results(results: Sequence[bodies.NewResult], sample: OfSample, source: Source) -> list[ResultRows]:
    """The rows of results for a sample that is there already. Raises Problems."""
    accepting = _Accepting(source)
    rows = accepting.results(results, sample, source.entry)
    accepting.problems.raise_if_any()
    return rows


def accept_correction(body: bodies.Correction, result: Result, source: Source) -> ResultRows:
    """The rows that take the place of a result. Raises Problems."""
    accepting = _Accepting(source)
    rows = accepting.result(body, "", result.sample, source.entry)
    refuse_identifying(body.reason, "reason", accepting.problems)
    accepting.problems.raise_if_any()
    assert rows is not None
    rows.result.corrects_id = result.id
    rows.result.correction_reason = body.reason
    return rows


class _Accepting:
    """One body on its way in."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.catalogue: Catalogue = catalogue.current()
        self.problems = Problems()
        self.now: datetime = clock.now()
        self.by = None if source.by is None else source.by.pk

    def sample(self, body: bodies.NewSample) -> SampleRows:
        entry = self.entry(body.entered_at)
        area = self.area(body.area)
        self.day("collected_on", body.collected_on)
        sample_id = random_id()
        carrier = body.carrier or Sample.Carrier.UNKNOWN.value
        residue = carrier in Sample.RESIDUE_CARRIERS
        sample = SampleRow(
            id=sample_id,
            site_id=self.source.site.pk,
            area_id=area or self.source.site.area_id,
            geo_basis="stated" if body.area else "site",
            collected_on=body.collected_on,
            form=body.form or Sample.Form.UNKNOWN.value,
            carrier=carrier,
            material=body.material or ("residue" if residue else "product"),
            colours=body.colours or [],
            imprint=body.imprint or "",
            size_mm=body.size_mm,
            mass_mg=body.mass_mg,
            share=body.share is not False,
            is_contaminated=bool(body.known_contamination),
            split_of_id=self.split_of(body.split_of),
            entry=entry,
            recorded_at=self.now,
            entered_by_id=self.by,
            client_hash=client_hash(body.client_id),
            body_hash=body_hash(body),
            code_hash=hash_of(code_for(sample_id)),
        )
        rows = SampleRows(
            sample=sample,
            expected=self.expected(body.expected or [], sample_id),
            overdose=self.overdose(body.overdose_associated, sample_id),
        )
        rows.results = self.results(body.results or [], sample, entry)
        self.problems.raise_if_any()
        return rows

    def entry(self, entered_at: datetime | None) -> str:
        """How it came: a queue older than a day may not speak by itself."""
        if entered_at is None or self.source.entry != Entry.SINGLE:
            return self.source.entry
        if entered_at.tzinfo is None:
            self.problems.add("entered_at", "Say the time zone, as in 2026-11-22T10:00:00+00:00.")
            return self.source.entry
        age = self.now - entered_at
        if age < -timedelta(minutes=10):
            self.problems.add("entered_at", "This is in the future.")
        return Entry.LATE if age > LATE_AFTER else Entry.SINGLE

    def day(self, path: str, day: date | None) -> None:
        if day is None:
            return
        if day > self.now.astimezone(LATEST_ZONE).date():
            self.problems.add(path, f"{day} is in the future.")
        elif day < EARLIEST:
            self.problems.add(path, f"{day} is before {EARLIEST}.")

    def area(self, slug: str | None) -> int | None:
        """The key of an area."""
        if slug is None:
            return None
        key = area_tree.current(holding=(slug,)).keys.get(slug)
        if key is None:
            self.problems.add_unknown("area", f"There is no area {slug}.", _near(slug, Area.objects.all()))
        return key

    def split_of(self, sample_id: str | None) -> uuid.UUID | None:
        if sample_id is None:
            return None
        whole = Sample.objects.filter(id=sample_id, site=self.source.site).values_list("id", flat=True).first()
        if whole is None:
            self.problems.add("split_of", "There is no such sample of this site.")
        return whole

    def overdose(self, answer: str | None, sample: uuid.UUID) -> OverdoseRow | None:
        if answer not in {"yes", "no"}:
            return None
        return OverdoseRow(sample_id=sample, is_associated=answer == "yes")

    def expected(self, written: Sequence[str], sample: uuid.UUID) -> list[ExpectedRow]:
        rows = []
        for place, name in enumerate(written):
            match = self.catalogue.find(name)
            if match.is_settled:
                rows += [
                    ExpectedRow(sample_id=sample, written=name, **self.catalogue.key_of(subject))
                    for subject in match.subjects
                ]
            elif match.kind == "not_a_substance":
                rows.append(ExpectedRow(sample_id=sample, written=name))
            else:
                self.unsettled(f"expected.{place}", name, match)
        return rows

    def unsettled(self, path: str, name: str, match: Match) -> None:
        shown = name[:60]
        if match.kind == "ask":
            message = f"{shown} can mean several things: say which."
            self.problems.add_unknown(path, message, [subject.name for subject in match.subjects])
        else:
            self.problems.add_unknown(path, f"{shown} is not a name we know.", self.catalogue.nearest(name))

    def results(self, many: Sequence[bodies.NewResult], sample: OfSample, entry: str) -> list[ResultRows]:
        seen: set[str] = set()
        rows = []
        for place, body in enumerate(many):
            path = f"results.{place}"
            if body.client_id in seen:
                self.problems.add(f"{path}.client_id", "Another result in this body has the same id.")
            seen.add(body.client_id)
            if row := self.result(body, path, sample, entry):
                rows.append(row)
        return rows

    def result(self, body: bodies.NewResult, path: str, sample: OfSample, entry: str) -> ResultRows | None:
        at = f"{path}." if path else ""
        method = self.catalogue.methods.get(body.method)
        if method is None:
            near = [slug for slug in self.catalogue.methods if body.method[:4] in slug]
            self.problems.add_unknown(
                f"{at}method", f"There is no method {body.method}.", near or sorted(self.catalogue.methods)
            )
            return None
        lab = self.lab(body.lab, f"{at}lab")
        self.days(body, at, sample)
        is_strip = method.family == "strip"
        if is_strip:
            outcome = saying.strip_outcome(body, at, self.problems)
        else:
            outcome = saying.other_outcome(body, method, at, self.problems)
        if is_strip and body.findings:
            self.problems.add(f"{at}findings", "What a strip says follows from its lines.")
        if body.lot and not is_strip:
            self.problems.add(f"{at}lot", "Only strips have a lot.")
        result = ResultRow(
            id=random_id(),
            sample_id=sample.id,
            site_id=self.source.site.pk,
            method_id=self.catalogue.method_ids[method.slug],
            lab_id=lab,
            outcome=outcome or "",
            performed_on=body.performed_on,
            completed_on=body.completed_on or body.performed_on,
            chosen_because=body.chosen_because or ("all" if is_strip else Result.Because.UNKNOWN.value),
            control=body.control,
            test_line=body.test_line or "",
            sample_mg=body.sample_mg,
            is_weighed=bool(body.weighed) and body.sample_mg is not None,
            diluent_ml=body.diluent_ml,
            entry=entry,
            recorded_at=self.now,
            entered_by_id=self.by,
            client_hash=client_hash(body.client_id),
            body_hash=body_hash(body),
        )
        findings = self.findings(body.findings or [], at, result.id, method)
        saying.agree(outcome, body.findings or [], method, at, self.problems)
        if is_strip and outcome == Result.Outcome.DETECTED:
            findings = self.strip_findings(result.id, method)
        lot = None
        if body.lot and is_strip:
            lot = LotRow(
                method_id=result.method_id,
                brand=body.lot.brand.strip(),
                lot=body.lot.lot.strip(),
                expires_on=body.lot.expires_on,
            )
        return ResultRows(result=result, findings=findings, lot=lot)

    def lab(self, slug: str | None, path: str) -> int:
        """The key of the lab; the sender's own where none is named, or none that is known."""
        own: int = self.source.site.pk
        if slug is None or slug == self.source.site.slug:
            return own
        if slug not in self.source.labs:
            lab = Site.objects.filter(slug=slug).values_list("pk", flat=True).first()
            if lab is None:
                listed = Site.objects.filter(is_listed=True, is_training=False)
                self.problems.add_unknown(path, f"There is no lab {slug}.", _near(slug, listed))
                return own
            self.source.labs[slug] = lab
        return self.source.labs[slug]

    def days(self, body: bodies.NewResult, at: str, sample: OfSample) -> None:
        self.day(f"{at}performed_on", body.performed_on)
        self.day(f"{at}completed_on", body.completed_on)
        if body.performed_on and sample.collected_on and body.performed_on < sample.collected_on:
            self.problems.add(f"{at}performed_on", "This is before the sample was collected.")
        first = body.performed_on or sample.collected_on
        if body.completed_on and first and body.completed_on < first:
            self.problems.add(f"{at}completed_on", "This is before the result was begun.")

    def strip_findings(self, result: uuid.UUID, method: MethodFacts) -> list[FindingRow]:
        """A strip names its class, never a compound."""
        return [
            FindingRow(result_id=result, identity="class_only", **self.catalogue.key_of(target.subject))
            for target in method.targets[:1]
        ]

    def findings(
        self, many: Sequence[bodies.NewFinding], at: str, result: uuid.UUID, method: MethodFacts
    ) -> list[FindingRow]:
        said: dict[tuple[int | None, int | None], bool] = {}
        rows = []
        for place, body in enumerate(many):
            path = f"{at}findings.{place}"
            row = self.finding(body, path, result, method)
            if row is None:
                continue
            before = said.setdefault((row.substance_id, row.substance_class_id), row.is_detected)
            if before != row.is_detected:
                self.problems.add(f"{path}.detected", "This contradicts another finding of the same substance.")
            rows.append(row)
        return rows

    def finding(self, body: bodies.NewFinding, path: str, result: uuid.UUID, method: MethodFacts) -> FindingRow | None:
        match = self.catalogue.find(body.substance)
        if match.kind not in {"one", "class"}:
            if match.kind == "not_a_substance":
                self.problems.add(
                    f"{path}.substance", "This names no substance. A result with nothing found has no findings."
                )
            else:
                self.unsettled(f"{path}.substance", body.substance, match)
            return None
        subject = match.subjects[0]
        is_detected = body.detected is not False
        if body.amount and not is_detected:
            self.problems.add(f"{path}.amount", "What was not detected has no amount; say the limit instead.")
        usual = "class_only" if subject.is_class else Finding.Identity.EXACT.value
        if subject.is_class and body.identity == "exact":
            self.problems.add(f"{path}.identity", "A class is not an exact identity.")
        if method.family == "reagent":
            usual = "tentative"
        finding = FindingRow(
            result_id=result,
            is_detected=is_detected,
            identity=body.identity or usual,
            **self.catalogue.key_of(subject),
        )
        if body.limit:
            finding.limit_value, finding.limit_unit = body.limit.value, body.limit.unit
        if body.amount:
            self.amount(body.amount, f"{path}.amount", finding)
        return finding

    def amount(self, body: bodies.NewAmount, path: str, finding: FindingRow) -> None:
        saying.check_amount(body, path, self.problems)
        finding.amount_kind = body.kind
        finding.basis = body.basis or "unknown"
        finding.unit_mass_mg = body.unit_mass_mg
        finding.portion = body.portion or ""
        if isinstance(body.value, str):
            finding.rank = body.value
            return
        finding.value = saying.stored(body.value)
        finding.low = saying.stored(body.low)
        finding.high = saying.stored(body.high)


def _near(slug: str, rows: "models.QuerySet[Any]") -> list[str]:
    """The slugs most like this one. Of a country's many areas only those that begin alike are compared."""
    alike = list(rows.filter(slug__startswith=slug[:3]).values_list("slug", flat=True)[:2000])
    return difflib.get_close_matches(slug, alike, n=5, cutoff=NEAR_ENOUGH)
