"""A person's judgement of a signal: set it aside, or begin an alert of it with words already composed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from checking import catalogue
from checking.models import Area, Membership, Network, Result, User
from checking.reading_rows import read_samples
from checking.readings import SampleRead, Subject
from checking.tree import ancestors

from . import lifecycle, messages
from .approving import Given, NotAllowed, is_released_by_enough, standing
from .grading import level_of, usual
from .levels import CERTAINTY_OF_RUNG, Cap
from .models import Alert, AlertContent, Signal
from .places import place_for
from .resting import stands, stands_in
from .rights import APPROVING, Rights
from .topics import topic_of


class NothingToSay(Exception):
    """A signal that no alert can be made of; the message says why."""


@dataclass(frozen=True)
class Missing:
    """Who still has to say yes before this content may go out."""

    people: int
    community_reviewer: bool

    @property
    def is_nothing(self) -> bool:
        return self.people == 0 and not self.community_reviewer


def missing(content: AlertContent) -> Missing:
    """What lacks, counted as `approving` counts. Two approvals in one session are one."""
    return what_lacks(content, standing(content))


def what_lacks(content: AlertContent, counting: Sequence[Given]) -> Missing:
    """The same, of approvals that are known to count today."""
    given: Sequence[Given] = [each for each in counting if each.sha256 == content.sha256]
    if is_released_by_enough(content.level, content.sha256, given):
        return Missing(0, community_reviewer=False)
    exact = [each for each in given if each.role in APPROVING]
    people = min(len({each.by_id for each in exact}), len({each.session_hash for each in exact}))
    needed = 1 if content.level == "notice" else 2
    has_community = any(each.role == Membership.Role.COMMUNITY_REVIEWER for each in exact)
    lacks_community = content.level == "warning" and not has_community
    return Missing(max(needed - people, 1 if lacks_community else 0), community_reviewer=lacks_community)


def may_judge(user: User, area: Area) -> bool:
    """True where this person may approve an alert for the area; they see its signals then too."""
    return bool(judged_by(user, [area]))


def judged_by(user: User, areas: Iterable[Area]) -> list[Area]:
    """Those of the areas, in the order given, that this person may judge."""
    rights = Rights([user.pk])
    return [area for area in areas if rights.roles(user.pk, area)]


@transaction.atomic
def draft_from(*signals: Signal, by: User, level: str, area: Area) -> Alert:
    """A draft with composed words, resting on the results of these signals, the first in front. Raises NothingToSay."""
    if not may_judge(by, area):
        raise NotAllowed(_("Only a reviewer or a community reviewer for this area can do this."))
    facts = facts_of(*signals, level=level, area=area)
    alert = lifecycle.draft(
        by=by,
        area=area,
        level=level,
        body=messages.compose(facts),
        cap=_cap(level, facts.rung),
        evidence=Result.objects.filter(signals__in=signals).distinct(),
        topic=topic_of(area, facts.found[0], facts.expected),
    )
    used = Signal.objects.filter(pk__in=[signal.pk for signal in signals])
    used.update(state=Signal.State.USED, alert=alert, decided_by=by, decided_at=timezone.now())
    return alert


def reopen_signals(alert: Alert) -> None:
    """A draft was dropped: what it was made of waits to be judged again."""
    Signal.objects.filter(alert=alert, state=Signal.State.USED).update(
        state=Signal.State.OPEN, decided_by=None, decided_at=None
    )


def reworded(body: Mapping[str, Any], blocks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The same content in a person's words. Its plain text follows from its parts."""
    return {**body, "blocks": {language: messages.reworded(block, language) for language, block in blocks.items()}}


def places_of(*signals: Signal) -> list[Area]:
    """Where an alert of these may speak: what holds every one of them and what is joined to it, nearest first."""
    return places_of_each([signals])[0]


def places_of_each(groups: Sequence[Sequence[Signal]]) -> list[list[Area]]:
    """The same for each of several groups of signals: two queries for all of them."""
    joined: dict[int, list[str]] = {}
    merged = Area.objects.filter(signals__merged_into__in=[signal for group in groups for signal in group])
    for signal, path in merged.values_list("signals__merged_into", "path"):
        joined.setdefault(signal, []).append(path)
    steps = {step for group in groups for step in ancestors(group[0].area.path)}
    above = {area.path: area for area in Area.objects.filter(path__in=steps)}
    return [_holding(group, joined, above) for group in groups]


def _holding(group: Sequence[Signal], joined: Mapping[int, list[str]], above: Mapping[str, Area]) -> list[Area]:
    paths = [path for signal in group for path in (signal.area.path, *joined.get(signal.pk, ()))]
    nearest_first = reversed(ancestors(group[0].area.path))
    return [above[step] for step in nearest_first if step in above and all(path.startswith(step) for path in paths)]


def usual_place(signal: Signal) -> Area | None:
    """The place a rule would name. None: a person has to choose, because naming it could point at people."""
    return None if signal.site is None else place_for(signal.area, signal.site)


def facts_of(*signals: Signal, level: str, area: Area) -> messages.Facts:
    """What there is to say, read anew from the results that still stand. Raises NothingToSay."""
    signal = signals[0]  # says what it is about; the others bear it out
    named = signal.named
    if named is None:
        raise NothingToSay(_("This signal names no substance. Read its result, and write about that."))
    subject = catalogue.current().subject(named.slug)
    assert signal.site is not None  # what names a substance rests on a site's result
    samples = _samples(signals)
    standing = {str(pk) for pk in Result.objects.current().filter(signals__in=signals).values_list("pk", flat=True)}
    results = [result for sample in samples for result in sample.results if result.id in standing]
    if not results:
        raise NothingToSay(_("Every result behind this signal was corrected or taken back."))
    found = [subject, *_also_found(signals, samples, subject)]
    of, is_amount = {result.id for result in results}, signal.rule == "amount_over_threshold"
    now = stands(samples, found, of=of, amount=is_amount)
    if now.kind == "fallen":
        raise NothingToSay(_("Nothing sound stands behind this signal any more."))
    return messages.Facts(
        kind=now.kind,
        expected=_expected(signal),
        found=tuple(found),
        area=area.slug,
        area_name=area.name,
        week=messages.week_of(timezone.now().astimezone(ZoneInfo(signal.site.time_zone)).date()),
        rung=now.rung,
        network=Network.current().name,
        samples=now.samples,
        sites=now.sites,
        techniques=now.techniques,
        level=level,
        is_reviewed=True,  # it goes out only once people have approved it
        is_trace=now.is_trace,
        is_residue=now.is_residue,
        strip=now.strip,
        amount=now.amount,
    )


def _also_found(signals: Sequence[Signal], samples: Sequence[SampleRead], subject: Subject) -> list[Subject]:
    """What the other signals named, where it still stands in a sample."""
    known = catalogue.current()
    named = dict.fromkeys(signal.named.slug for signal in signals[1:] if signal.named is not None)
    others = [known.subject(slug) for slug in named]
    return [
        each
        for each in others
        if each != subject and not subject.is_within(each) and any(stands_in(sample, each) for sample in samples)
    ]


def _samples(signals: Sequence[Signal]) -> list[SampleRead]:
    results = Result.objects.filter(signals__in=signals).order_by("recorded_at")
    return read_samples(dict.fromkeys(results.values_list("sample_id", flat=True)))


def _expected(signal: Signal) -> tuple[Subject, ...]:
    known = catalogue.current().subjects
    return tuple(known[slug] for slug in signal.expected.split(",") if slug in known)


def _cap(level: str, rung: str) -> Cap:
    """The level's usual values, as certain as the evidence is where that leaves the level what it is."""
    values = usual(level)
    fitting = values._replace(certainty=CERTAINTY_OF_RUNG[rung])
    return fitting if level_of(fitting) == level else values
