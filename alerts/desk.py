"""What waits for reviewers, in the order in which it presses: signals about the same thing stand together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from checking.catalogue import Catalogue

from .models import Signal
from .models.alerts import LEVELS
from .topics import nearest_class

TOGETHER_WITHIN = timedelta(days=28)
TAKEN_FOR = timedelta(minutes=30)  # whoever took one and went home does not keep it
RUNGS = ("reported", "presumptive", "confirmed")
ABOUT_AN_ALERT = frozenset({"evidence_changed", "reported"})  # rules


@dataclass
class Group:
    """Signals about the same class, taken for the same, in one place, within 28 days. The gravest first."""

    signals: list[Signal]
    samples: frozenset[object] = field(default_factory=frozenset)
    sites: frozenset[object] = field(default_factory=frozenset)

    @property
    def main(self) -> Signal:
        return self.signals[0]

    @property
    def ids(self) -> list[int]:
        return [signal.pk for signal in self.signals]

    @property
    def level(self) -> str:
        return level_of(self.main)

    @property
    def waiting_since(self) -> datetime:
        return min(signal.created_at for signal in self.signals)

    @property
    def first_on(self) -> date:
        return min(signal.on for signal in self.signals)

    @property
    def last_on(self) -> date:
        return max(signal.on for signal in self.signals)

    @property
    def rung(self) -> str:
        return max((signal.rung for signal in self.signals), key=_rank)

    def takers(self, now: datetime) -> list[str]:
        """Who has it in hand."""
        return list(dict.fromkeys(str(each.taken_by) for each in self.signals if is_taken(each, now)))


def level_of(signal: Signal) -> str:
    """What its rule thinks it may come to; a notice where it does not say."""
    hint = str(signal.counts.get("level_hint", ""))
    return hint if hint in LEVELS else "notice"


def is_taken(signal: Signal, now: datetime) -> bool:
    return signal.taken_by_id is not None and signal.taken_at is not None and signal.taken_at > now - TAKEN_FOR


def grouped(signals: Iterable[Signal], known: Catalogue) -> list[Group]:
    """Groups, the highest level first, and of one level the one that has waited longest."""
    by_subject: dict[tuple[str, ...], list[Group]] = {}
    for signal in sorted(signals, key=lambda each: (each.on, each.area.path, each.pk)):
        alike = by_subject.setdefault(_about(signal, known), [])
        home = next((group for group in alike if _belongs(signal, group)), None)
        if home is None:
            alike.append(Group([signal]))
        else:
            home.signals.append(signal)
    groups = [group for alike in by_subject.values() for group in alike]
    for group in groups:
        group.signals.sort(key=_gravest_first)
    return sorted(groups, key=lambda group: (-LEVELS.index(group.level), group.waiting_since, group.main.pk))


def _gravest_first(signal: Signal) -> tuple[int, int, datetime, int]:
    return -LEVELS.index(level_of(signal)), -_rank(signal.rung), signal.created_at, signal.pk


def _about(signal: Signal, known: Catalogue) -> tuple[str, ...]:
    """What makes two signals about the same thing, apart from place and time."""
    if signal.rule in ABOUT_AN_ALERT:
        return ("alert", str(signal.alert_id))
    named = signal.named
    if named is None:
        return ("alone", str(signal.pk))
    taken_for = sorted(
        {nearest_class(known.subjects[slug]) for slug in signal.expected.split(",") if slug in known.subjects}
    )
    return ("class", nearest_class(known.subjects[named.slug]), *taken_for)


def _belongs(signal: Signal, group: Group) -> bool:
    """Near every one of them, in place and time: two counties do not meet by way of their state."""
    return all(_is_near(signal, each) and abs(signal.on - each.on) <= TOGETHER_WITHIN for each in group.signals)


def _is_near(one: Signal, other: Signal) -> bool:
    return one.area.path.startswith(other.area.path) or other.area.path.startswith(one.area.path)


def _rank(rung: str) -> int:
    return RUNGS.index(rung) if rung in RUNGS else 0


def count(groups: Sequence[Group]) -> None:
    """Put in how many samples and sites each group rests on: one question for all of them."""
    home = {pk: group for group in groups for pk in group.ids}
    through = Signal.results.through.objects.filter(signal__in=home)
    samples: dict[int, set[object]] = {id(group): set() for group in groups}
    sites: dict[int, set[object]] = {id(group): set() for group in groups}
    for pk, sample, site in through.values_list("signal", "result__sample", "result__site"):
        samples[id(home[pk])].add(sample)
        sites[id(home[pk])].add(site)
    for group in groups:
        group.samples, group.sites = frozenset(samples[id(group)]), frozenset(sites[id(group)])
