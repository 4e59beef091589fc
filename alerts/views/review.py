"""What was noticed, what waits to be said, and what is out: for those who answer for it.

Every step goes through `alerts.lifecycle`; who approved what, and what is still missing, stands beside
the exact words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from checking.models import Area, User
from checking.staff_rights import may_review

from .. import drills, judging, lifecycle, reasons
from ..approving import NotAllowed, NotReleased
from ..lifecycle import WrongState, latest
from ..models import Alert, Signal
from ..models.alerts import LEVELS
from ..paging import last_page
from ..showing import LEVEL_WORDS, evidence_line
from ..sightings import RULE
from .review_reading import evidence_of, headlines_of, signal_row, told_of, wordings
from .review_words import COUNTS, STATES
from .seen_words import told
from .staff_door import for_staff
from .staff_entry import person
from .staff_words import BASES

State = Alert.State
MOST = 1000  # rows of a list that are looked at
REFUSALS = (NotAllowed, NotReleased, WrongState, judging.NothingToSay, drills.NotConfirmed, ValueError)


@for_staff(may_review)
@require_safe
def signal(request: HttpRequest, id: int) -> HttpResponse:
    """One signal with what it rests on, and the two things a person can do with it."""
    found = find_signal(request, id)
    usual = judging.usual_place(found)
    context = {
        "signal": signal_row(found, headlines_of([found])),
        "evidence": evidence_of(found.results.values_list("pk", flat=True)),
        "places": judging.places_of(found),
        "usual": usual,
        "levels": [(level, LEVEL_WORDS[level]) for level in LEVELS],
        "hint": found.counts.get("level_hint", "notice"),
        "counts": [] if found.rule == RULE else _plain_counts(found),
        "told": told(found),
    }
    return render(request, "review/signal.html", context)


def _plain_counts(found: Signal) -> list[tuple[str, str]]:
    """What the rule counted, in words. Lists of slugs stand elsewhere on the page."""
    said = [(name, value) for name, value in found.counts.items() if isinstance(value, str | int | float)]
    return [(str(COUNTS.get(name, name)), _counted(value)) for name, value in said if name != "level_hint"]


def _counted(value: str | int | float) -> str:
    if isinstance(value, bool):
        return pgettext("answer", "yes") if value else pgettext("answer", "no")
    if re.fullmatch(r"\d+\.\d+", str(value)):
        return str(value).rstrip("0").rstrip(".")  # a database pads with zeros
    return str(BASES.get(str(value), value))


@for_staff(may_review)
@require_safe
def alert(request: HttpRequest, id: UUID) -> HttpResponse:
    """The exact words in every language, who has approved them, and what is still missing."""
    found = find_alert(request, id)
    content = latest(found)
    said = found.events.order_by("seq").last()
    context = {
        "alert": found,
        "content": content,
        "level_word": LEVEL_WORDS[content.level],
        "state_word": STATES[found.state],
        "wordings": wordings(content),
        "evidence_line": evidence_line(content.body.get("evidence", {})),
        "evidence": evidence_of(found.evidence.values_list("result_id", flat=True)),
        "approvals": content.approvals.select_related("by").order_by("at"),
        "mine": content.approvals.filter(by=person(request)).exists(),
        "missing": judging.missing(content),
        "page_word": _page_word(found),
        "is_newer": said is not None and said.content_id != content.pk,
        "events": found.events.order_by("seq"),
        "told": told_of(found),
        "now": timezone.now(),
        "withdraw_reasons": reasons.WITHDRAWN,
        "end_reasons": reasons.ENDED,
    }
    return render(request, "review/alert.html", context)


def _page_word(alert: Alert) -> str:
    called = last_page(alert) if alert.second_review_by else None
    if called is None:
        return ""
    return _("Reviewers were called after %(n)s hours.") % {"n": called.after_hours}


@for_staff(may_review)
@require_POST
def take_step(request: HttpRequest, id: UUID, step: str) -> HttpResponse:
    """One step of the alert's life. What may follow what, and who may, the lifecycle decides."""
    found = find_alert(request, id)
    take = STEPS.get(step)
    if take is None:
        raise Http404
    try:
        done = take(request, found)
    except REFUSALS as refused:
        notes.error(request, str(refused))
    else:
        notes.success(request, str(done))
    return redirect("review_alert", id)


def _propose(request: HttpRequest, alert: Alert) -> Any:
    lifecycle.propose(alert, by=person(request))
    return _("It waits for approvals now.")


def _approve(request: HttpRequest, alert: Alert) -> Any:
    """Approve what was shown, known by its hash: an edit in between is refused, not approved unseen."""
    shown = request.POST.get("content", "")
    content = get_object_or_404(alert.contents, pk=int(shown) if re.fullmatch(r"[0-9]{1,18}", shown) else 0)
    key = request.session.session_key or ""
    lifecycle.approve(content, sha256=request.POST.get("sha256", ""), by=person(request), session_key=key)
    return _("You approved exactly these words.")


def _publish(request: HttpRequest, alert: Alert) -> Any:
    _require_confirmed(request, alert)
    lifecycle.publish(alert, by=person(request))
    return _("It is out. Everyone who asked hears it as soon as it reaches them.")


def _require_confirmed(request: HttpRequest, alert: Alert) -> None:
    """Sent from the page that shows exactly these words; for a drill, with the name of its area."""
    if request.POST.get("sha256") != latest(alert).sha256:
        raise NotReleased(_("The content has changed since it was shown. Please read it again."))
    if alert.is_drill:
        drills.require_named(alert, request.POST.get("area", ""))


def _publish_by_fast_lane(request: HttpRequest, alert: Alert) -> Any:
    _require_confirmed(request, alert)
    lifecycle.publish_by_fast_lane(alert, by=person(request))
    return _("It is out. It ends by itself unless a second person reviews it within 72 hours.")


def _update(request: HttpRequest, alert: Alert) -> Any:
    lifecycle.update_alert(alert, by=person(request))
    return _("The new words are out. Everyone who was told is told.")


def _end(request: HttpRequest, alert: Alert) -> Any:
    lifecycle.end_alert(alert, by=person(request), because=_chosen(request, reasons.ENDED))
    return _("It is ended. Everyone who was told is told.")


def _withdraw(request: HttpRequest, alert: Alert) -> Any:
    lifecycle.withdraw_alert(alert, by=person(request), because=_chosen(request, reasons.WITHDRAWN))
    return _("It is withdrawn. Everyone who was told is told again.")


def _stop(request: HttpRequest, alert: Alert) -> Any:
    lifecycle.stop_notice(alert, by=person(request), because=_because(request))
    judging.reopen_signals(alert)
    return _("It is stopped. Nobody was told anything.")


STEPS: Mapping[str, Callable[[HttpRequest, Alert], Any]] = {
    "propose": _propose,
    "approve": _approve,
    "publish": _publish,
    "publish-by-fast-lane": _publish_by_fast_lane,
    "update": _update,
    "end": _end,
    "withdraw": _withdraw,
    "stop": _stop,
}


def _chosen(request: HttpRequest, known: Sequence[str]) -> str:
    """A reason that goes out in every language on one person's word, so it is chosen and not typed."""
    because = request.POST.get("because", "")
    if because not in known:
        raise ValueError(_("Choose a reason from the list."))
    return because


def _because(request: HttpRequest) -> str:
    return request.POST.get("because", "").strip()[:300]


def mine(rows: "QuerySet[Any]", who: User, *, most: int | None = MOST) -> list[Any]:
    """Those in areas this person may judge, in the order given. An area is asked about once."""
    may = judging.judged_by(who, Area.objects.filter(pk__in=rows.order_by().values("area")))
    return list(rows.filter(area__in=may).select_related("area")[:most])


def find_signal(request: HttpRequest, id: int) -> Signal:
    found = get_object_or_404(Signal.objects.select_related("area", "site"), pk=id)
    if not judging.may_judge(person(request), found.area):
        raise Http404
    return found


def find_alert(request: HttpRequest, id: UUID) -> Alert:
    found = get_object_or_404(Alert.objects.select_related("area"), pk=id)
    if not judging.may_judge(person(request), found.area):
        raise Http404
    return found
