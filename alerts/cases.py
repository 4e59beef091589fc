"""One rule, asked whether it may speak of one subject in one result: the case, and what can be read from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Q

from checking.denominators import is_sound
from checking.evidence import Evidence, found_by, names_exactly, says, supports, weigh
from checking.limits import confusers
from checking.models import Area, Network, Result, Site
from checking.readings import FindingRead, ResultRead, SampleRead, Subject
from checking.scope_rows import load_scopes

from .detectors import at_once
from .detectors.at_once import STRIP
from .models import Alert, RuleSwitch
from .places import place_for
from .rule_yes import RuleApprovals
from .topics import topic_of

FENTANYLS = "fentanyl_type_opioid"


class Known:
    """What the cases asked at one moment share, each read once: most results raise several."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._places: dict[tuple[int, int], Area | None] = {}

    @cached_property
    def network(self) -> Network:
        return Network.current()

    @cached_property
    def switches(self) -> list[RuleSwitch]:
        return list(RuleSwitch.objects.all())

    @cached_property
    def approvals(self) -> RuleApprovals:
        return RuleApprovals(self.now)

    def place(self, area: Area, site: Site) -> Area | None:
        home = (area.pk, site.pk)
        if home not in self._places:
            self._places[home] = place_for(area, site)
        return self._places[home]


@dataclass(frozen=True)
class Case:
    """What a rule would speak of, and from where it would speak."""

    rule: str
    sample: SampleRead
    result: ResultRead
    finding: FindingRead
    row: Result  # the same result, with its sample, site and area
    known: Known
    itself: Alert | None = None  # the notice asked about, where there is one already

    @property
    def now(self) -> datetime:
        return self.known.now

    @property
    def network(self) -> Network:
        return self.known.network

    @property
    def site(self) -> Site:
        return self.row.sample.site

    @property
    def subject(self) -> Subject:
        return self.finding.subject

    @cached_property
    def place(self) -> Area | None:
        return self.known.place(self.row.sample.area, self.site)

    @cached_property
    def topic(self) -> str:
        return "" if self.place is None else topic_of(self.place, self.subject, self.sample.expected)

    @cached_property
    def switch(self) -> RuleSwitch | None:
        """The switch that decides: the one that names site and method, else site, else method, else all."""
        fitting = [
            each
            for each in self.known.switches
            if each.rule == self.rule
            and each.site_id in (None, self.site.pk)
            and each.method_id in (None, self.row.method_id)
        ]
        return max(fitting, key=lambda each: (each.site_id is not None, each.method_id is not None), default=None)

    @cached_property
    def evidence(self) -> Evidence:
        return weigh(self.sample, self.subject)

    @cached_property
    def supporting(self) -> list[ResultRead]:
        """The results that show the subject, or the class it belongs to; this one first."""
        others = [each for each in self.sample.results if each.id != self.result.id and self._shows(each)]
        return [self.result, *others]

    @cached_property
    def agreeing(self) -> list[ResultRead]:
        """Those of them a rule may lean on: entered singly, by no training site, and not in doubt."""
        training = set(
            Site.objects.filter(is_training=True, slug__in={each.lab for each in self.supporting}).values_list(
                "slug", flat=True
            )
        )
        return [
            each
            for each in self.supporting
            if each.entry == "single" and each.lab not in training and not is_in_doubt(self.sample, each)
        ]

    @property
    def is_lab_named(self) -> bool:
        """A lab method that names one compound exactly did so."""
        return names_exactly(self.result, self.finding)

    def _shows(self, result: ResultRead) -> bool:
        return any(supports(each, self.subject) for each in at_once.detected(result))


def is_in_doubt(sample: SampleRead, result: ResultRead) -> bool:
    """True where a strip may have reacted to something else that is expected or was found (A1, A9)."""
    return result.method.family == STRIP and bool(confusers(sample, result))


def spoken_finding(rule: str, sample: SampleRead, finding: FindingRead) -> FindingRead:
    """What the rule would speak of: where a strip and FTIR agree, what FTIR named and not only the strip's class."""
    if rule != "ftir_and_strip_fentanyl":
        return finding
    named = (each for each in _seen_by_ftir(sample) if not each.subject.is_class)
    return next(named, finding)


def ftir_saw_a_fentanyl(sample: SampleRead) -> bool:
    """A class above fentanyls is not enough: "an opioid" does not agree with a fentanyl strip."""
    return next(_seen_by_ftir(sample), None) is not None


def _seen_by_ftir(sample: SampleRead) -> Iterator[FindingRead]:
    for result in sample.results:
        if result.method.slug == "ftir" and result.is_in_control:
            yield from (each for each in at_once.detected(result) if FENTANYLS in each.subject.classes)


def stands_on(alert: Alert, sample_id: UUID) -> bool:
    """True while no result of this sample that the alert rests on was corrected or withdrawn."""
    gone = Q(result__withdrawal__isnull=False) | Q(result__corrected_by__isnull=False)
    return not alert.evidence.filter(gone, result__sample_id=sample_id).exists()


def is_contradicted(case: Case) -> bool:
    """True where another reading of the sample looked for the subject as well as this one, and did not see it.

    What names one compound exactly stands against anything. A strip that stayed negative stands against
    another strip, and not against a lab, which sees less than a strip can.
    """
    against = [each for each in case.sample.results if each.id != case.result.id and _is_weighty(each, case)]
    return any(_did_not_see(each, case) for each in against)


def _is_weighty(result: ResultRead, case: Case) -> bool:
    return result.method.names_exactly or (result.method.family == STRIP and not case.is_lab_named)


def _did_not_see(result: ResultRead, case: Case) -> bool:
    """By the lab's own scope on that day, or because it says so itself."""
    if not is_sound(result) or any(supports(finding, case.subject) for finding in found_by(result)):
        return False
    if any(not finding.is_detected and case.subject.is_within(finding.subject) for finding in result.findings):
        return True
    if result.method.family == STRIP:
        return says(result, case.subject) is False
    return load_scopes().covering(result, case.subject) is not None
