"""What was said already, so that a rule neither repeats itself nor speaks too often (docs/rules.md C1).

A notice in its hold was not said: it may be stopped, or its result fall. So what waits holds back no
other sample's notice; each is asked again when its own hold has passed, one at a time, and by then the
one before it has been said or has not.
"""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from .cases import Case, stands_on
from .models import Alert

# Both figures are those of docs/rules.md C1.
QUIET_DAYS = 14
MOST_IN_SEVEN_DAYS = 2

State = Alert.State
# Withdrawn counts as well: it was heard, and whether to speak of the same again is for people.
SAID = (State.PUBLISHED, State.ENDED, State.LAPSED, State.WITHDRAWN)


def not_again_in_14_days(case: Case) -> bool:
    return not case.network.caps or said_on_topic(case.topic, now=case.now) is None


def under_two_in_7_days(case: Case) -> bool:
    if not case.network.caps:
        return True
    recent = _said().filter(area=case.place, published_at__gt=case.now - timedelta(days=7)).exclude(rule="")
    return recent.count() < MOST_IN_SEVEN_DAYS


def not_said_of_this_sample(case: Case) -> bool:
    """One sample says one thing once, whichever rule or result comes first, and with or without caps.

    What a person stopped, or took back, is not said again of the same sample by a rule.
    """
    same = Alert.objects.filter(topic=case.topic, is_drill=False, evidence__result__sample_id=case.row.sample_id)
    if same.filter(Q(state__in=SAID) | Q(state=State.STOPPED, stopped_by__isnull=False)).exists():
        return False
    waiting = same.filter(state=State.PROPOSED)
    if case.itself is not None:
        waiting = waiting.exclude(pk=case.itself.pk).filter(created_at__lt=case.itself.created_at)
    # A rule's notice whose own result has fallen will not be said.
    return not any(not alert.rule or stands_on(alert, case.row.sample_id) for alert in waiting.distinct())


def said_on_topic(topic: str, *, now: datetime) -> Alert | None:
    """The latest that was said of a place, class and expected class in 14 days, or still stands. None: nothing."""
    if not topic:
        return None
    lately = Q(published_at__gt=now - timedelta(days=QUIET_DAYS)) | Q(state=State.PUBLISHED, expires_at__gt=now)
    return _said().filter(lately, topic=topic).order_by("-published_at").first()


def open_on_topic(topic: str, *, now: datetime) -> Alert | None:
    """The same, where it is still out: later results add to it."""
    found = said_on_topic(topic, now=now)
    return found if found is not None and found.state == State.PUBLISHED else None


def _said() -> "QuerySet[Alert]":
    return Alert.objects.filter(state__in=SAID, is_drill=False)
