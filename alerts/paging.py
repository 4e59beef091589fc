"""Calling reviewers to a warning that one person let out, before its time for a second runs out.

The desk shows it to everyone who may review; those who gave an e-mail address are written to as well,
where this installation can send any. Each call is made once, whichever watcher makes it.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from checking.models import User
from checking.staff_rights import REVIEWING

from .judging import may_judge
from .levels import SECOND_REVIEW_WITHIN
from .models import Alert, Approval, ReviewerPage

logger = logging.getLogger(__name__)

CALLED_AFTER_HOURS = (24, 48)  # docs/rules.md C4


def page_reviewers(now: datetime | None = None) -> int:
    """Call for a second review of what has waited so long. Gives how many calls were made."""
    moment = now or timezone.now()
    waiting = Alert.objects.filter(state=Alert.State.PUBLISHED, second_review_by__isnull=False, is_drill=False)
    return sum(_page(alert, moment) for alert in waiting.select_related("area"))


def last_page(alert: Alert) -> ReviewerPage | None:
    """The latest call for this alert."""
    return alert.pages.order_by("after_hours").last()


def _page(alert: Alert, now: datetime) -> int:
    assert alert.second_review_by is not None  # asked for
    waited = now - (alert.second_review_by - SECOND_REVIEW_WITHIN)
    due = [hours for hours in CALLED_AFTER_HOURS if waited >= timedelta(hours=hours)]
    if not due:
        return 0
    with transaction.atomic():
        # After a long sleep of the watcher the later call stands for both.
        page, is_new = ReviewerPage.objects.get_or_create(alert=alert, after_hours=due[-1], defaults={"at": now})
    if is_new:
        page.mailed = _write_to_reviewers(alert, now)
        page.save(update_fields=["mailed"])
    return int(is_new)


def _write_to_reviewers(alert: Alert, now: datetime) -> int:
    """Nothing of what was found is in it: the desk has that, behind the sign-in."""
    if not settings.EMAIL_IS_ON:
        return 0
    assert alert.second_review_by is not None  # asked for
    said_yes = Approval.objects.filter(content__alert=alert).values("by")
    people = User.objects.filter(memberships__role__in=REVIEWING, is_active=True).exclude(email="").distinct()
    addresses = [person.email for person in people.exclude(pk__in=said_yes) if may_judge(person, alert.area)]
    hours = max(round((alert.second_review_by - now).total_seconds() / 3600), 0)
    subject = _("A warning for %(area)s waits for a second person") % {"area": alert.area.name}
    text = _("It is out on one person’s word. It runs out in %(n)s hours unless a second person reviews it.") % {
        "n": hours
    }
    url = settings.PUBLIC_URL + reverse("review_alert", args=[alert.pk])
    sent = 0
    for address in addresses:  # each by itself: nobody sees who else reviews
        try:
            sent += send_mail(subject, f"{text}\n{url}\n", None, [address], connection=get_connection(timeout=20))
        except OSError:
            logger.exception("a reviewer could not be written to")
    return sent
