"""What an alert rests on, and what that is worth today.

The same look decides which words fit when an alert is begun, when what it rests on changes, and once more
before it goes out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from checking import catalogue
from checking.evidence import findings_of, names_exactly, supports, weigh
from checking.reading_rows import read_samples
from checking.readings import FindingRead, ResultRead, SampleRead, Subject

from . import rewording
from .approving import NotReleased
from .detectors.at_once import in_words
from .messages import Facts, with_news
from .models import Alert, AlertEvidence


@dataclass(frozen=True)
class Standing:
    """What sound results say of something, counted. `kind` decides the words, as in `messages.Facts`."""

    found: tuple[Subject, ...] = ()  # what still stands
    kind: str = "fallen"  # nothing sound is left
    rung: str = "reported"
    samples: int = 0
    sites: int = 0
    techniques: int = 0
    strip: str = ""  # slug
    amount: str = ""  # in words
    is_trace: bool = False
    is_residue: bool = False


def stands(samples: Sequence[SampleRead], found: Sequence[Subject], *, of: Collection[str], amount: bool) -> Standing:
    """What these samples' results are worth for what was found, its first subject in front.

    `of`: ids of the results it is about. `amount`: it is about how much one unit held.
    """
    main = found[0]
    behind = [pair for sample in samples for pair in findings_of(sample) if supports(pair[1], main)]
    if not behind:
        return Standing()
    holding = [sample for sample in samples if any(stands_in(sample, each) for each in found)]
    evidence = [weigh(sample, main) for sample in holding if stands_in(sample, main)]
    finding = _finding((result for sample in samples for result in sample.results if result.id in of), main)
    said = in_words(finding.amount) if finding and finding.amount and finding.amount.value is not None else ""
    most = max(len(each.techniques) for each in evidence)
    return Standing(
        found=tuple(found),
        kind="amount" if amount and said else _kind(main, behind, most),
        # Of what it names, the least sure decides.
        rung=min((_surest(holding, each) for each in found), key=rewording.RUNGS.index),
        samples=len(holding),
        sites=len({sample.site for sample in holding}),
        techniques=len({technique for each in evidence for technique in each.techniques}) or 1,
        strip=next((result.method.slug for result, _ in behind if result.method.family == "strip"), ""),
        amount=said,
        is_trace=all(each.is_traced_only for each in evidence),
        is_residue=all(sample.material == "residue" for sample in holding),
    )


def stands_in(sample: SampleRead, subject: Subject) -> bool:
    return any(supports(finding, subject) for _, finding in findings_of(sample))


def stands_now(alert: Alert, body: Mapping[str, Any]) -> Standing | None:
    """What is left of an alert's evidence. None: it rests on no result, or speaks of nothing we know."""
    rows = AlertEvidence.objects.filter(alert=alert).values_list("result_id", "result__sample_id", "shaken_at")
    resting, found = list(rows), subjects_of(body)
    if alert.is_drill or not resting or not found:
        return None
    left = [(result, sample) for result, sample, shaken_at in resting if shaken_at is None]
    samples = read_samples({sample for _, sample in left})
    found = [each for each in found if any(stands_in(sample, each) for sample in samples)]
    if not found:
        return Standing()
    is_amount = body.get("facts", {}).get("kind") == "amount"
    return stands(samples, found, of={str(result) for result, _ in left}, amount=is_amount)


def rung_now(alert: Alert, body: Mapping[str, Any]) -> str:
    """How sure what is left of the evidence makes it; what the words say where it rests on none."""
    now = stands_now(alert, body)
    return str(body["evidence"]["rung"]) if now is None else now.rung


def with_what_stands(alert: Alert, body: Mapping[str, Any], *, level: str, news: str) -> dict[str, Any]:
    """The words as what is left of the evidence allows them, after news of it."""
    now = stands_now(alert, body)
    return with_news(body, None if now is None else facts_now(body, now, level=level), news=news)


def require_backed(alert: Alert, body: Mapping[str, Any]) -> None:
    """The last look at the evidence: words may say no more than it does today. Raises NotReleased."""
    now = stands_now(alert, body)
    if now is not None and says_more(body, now):
        raise NotReleased(_("A result behind these words has changed. Please read it again: they say more than it."))


def says_more(body: Mapping[str, Any], now: Standing) -> bool:
    """True where the words claim more than what stands."""
    if len(now.found) < len(subjects_of(body)) and now.kind != "fallen":
        return True
    facts = body.get("facts", {})
    rung = body.get("evidence", {}).get("rung", "reported")
    kind = rewording.kind_said(facts.get("kind", "lab"), rung)
    if kind == "amount" and facts.get("amount") != now.amount:
        return True
    claimed, backed = rewording.worth(kind), rewording.worth(rewording.kind_said(now.kind, now.rung))
    return claimed > backed or rewording.RUNGS.index(rung) > rewording.RUNGS.index(now.rung)


def facts_now(body: Mapping[str, Any], now: Standing, *, level: str) -> Facts:
    """What there is to say of the same thing now. It goes out once people have approved it."""
    known = catalogue.current().subjects
    return Facts(
        kind=now.kind,
        expected=tuple(known[slug] for slug in body.get("expected", ()) if slug in known),
        found=now.found or tuple(subjects_of(body)),
        area=next(iter(body["areas"]), ""),
        area_name=body.get("area_name", ""),
        week=body["week"],
        rung=now.rung,
        network=body.get("network", ""),
        samples=now.samples,
        sites=now.sites,
        techniques=now.techniques,
        level=level,
        is_reviewed=True,
        is_trace=now.is_trace,
        is_residue=now.is_residue,
        strip=now.strip,
        amount=now.amount,
    )


def subjects_of(body: Mapping[str, Any]) -> list[Subject]:
    """What a content speaks of: its substances, or where it names none, the nearest class."""
    known = catalogue.current().subjects
    slugs = body["substances"] or body["classes"][-1:]
    return [known[slug] for slug in slugs if slug in known]


def _surest(samples: Sequence[SampleRead], subject: Subject) -> str:
    return max((weigh(sample, subject).rung for sample in samples), key=rewording.RUNGS.index)


def _kind(subject: Subject, behind: Sequence[tuple[ResultRead, FindingRead]], techniques: int) -> str:
    """Which words fit. "A lab found" takes a method that names one compound exactly, and two methods one sample."""
    if any(names_exactly(result, finding) and finding.subject.is_within(subject) for result, finding in behind):
        return "lab"
    if techniques >= 2:
        return "two_methods"
    return "strip" if all(result.method.family == "strip" for result, _ in behind) else "reading"


def _finding(results: Iterable[ResultRead], subject: Subject) -> FindingRead | None:
    return next((each for result in results for each in result.detected if each.subject.is_within(subject)), None)
