"""The desk: all that waits for a reviewer, live, and everything one does with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages as notes
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from checking import catalogue
from checking.models import Area, User
from checking.staff_rights import may_review

from .. import desk_steps, judging
from ..approving import NotAllowed
from ..desk import Group, count, grouped, is_taken
from ..models import Alert, Signal
from ..models.alerts import LEVELS
from ..showing import LEVEL_WORDS, RUNG_WORDS
from .review import REFUSALS, mine
from .review_reading import headlines_of, signal_row, summaries, summary_of
from .staff_door import for_staff
from .staff_entry import person

State = Alert.State
A_PAGE = 20  # groups at once: more is a long way on a phone
MOST_AT_ONCE = 200  # signals in one step
LONGEST_REASON = 300  # letters
MOST_UNDONE = 5  # of one's own last steps, offered to be undone


@for_staff(may_review)
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Everything that waits for a person, the most pressing first; `?fragment=1` gives the lists alone."""
    who, now = person(request), timezone.now()
    waiting = mine(Alert.objects.filter(state__in=[State.DRAFT, State.PROPOSED]).order_by("created_at"), who)
    out = mine(Alert.objects.filter(state=State.PUBLISHED, expires_at__gt=now).order_by("-published_at"), who)
    out_page = Paginator(out, A_PAGE).get_page(request.GET.get("out"))
    signals = mine(
        Signal.objects.filter(state=Signal.State.OPEN)
        .select_related("site", "taken_by", "substance", "substance_class")
        .order_by("created_at"),
        who,
        most=None,  # the longest waiting may not fall off the end
    )
    page = Paginator(grouped(signals, catalogue.current()), A_PAGE).get_page(request.GET.get("page"))
    groups = list(page.object_list)
    count(groups)
    context = {
        "held": summaries([alert for alert in waiting if alert.rule and alert.hold_until]),
        "waiting": summaries([alert for alert in waiting if not (alert.rule and alert.hold_until)]),
        "out": out_page,
        "out_now": summaries(list(out_page.object_list)),
        "groups": _shown(groups, who),
        "page": page,
        "fragment": f"{reverse('desk')}?fragment=1&page={page.number}&out={out_page.number}",
        "undoable": _undoable(who),
        "now": now,
        "levels": [(level, LEVEL_WORDS[level]) for level in LEVELS],
    }
    name = "desk/_lists.html" if request.GET.get("fragment") == "1" else "desk/desk.html"
    return render(request, name, context)


@for_staff(may_review)
@require_POST
def take_step(request: HttpRequest, step: str) -> HttpResponse:
    """One step with some signals. Others' areas are as if they were not there."""
    take = STEPS.get(step)
    if take is None:
        raise Http404
    ids = _ids(request)
    try:
        return take(request, ids)
    except NotAllowed as refused:
        raise Http404 from refused
    except REFUSALS as refused:
        notes.error(request, str(refused))
        return _back(request)


def _take(request: HttpRequest, ids: Sequence[int]) -> HttpResponse:
    desk_steps.take(ids, by=person(request), over=request.POST.get("over") == "1")
    return _back(request)


def _let_go(request: HttpRequest, ids: Sequence[int]) -> HttpResponse:
    desk_steps.let_go(ids, by=person(request))
    return _back(request)


def _dismiss(request: HttpRequest, ids: Sequence[int]) -> HttpResponse:
    because = request.POST.get("because", "").strip()
    if len(because) < 3:
        raise ValueError(_("Say why, so that others can follow."))
    if len(because) > LONGEST_REASON:
        raise ValueError(_("Say it in %(n)s letters or fewer.") % {"n": LONGEST_REASON})
    desk_steps.dismiss(ids, by=person(request), because=because)
    notes.success(request, _("Set aside. It can be brought back for a day."))
    return _back(request)


def _undo(request: HttpRequest, ids: Sequence[int]) -> HttpResponse:
    desk_steps.undo(ids, by=person(request))
    notes.success(request, _("It is back."))
    return _back(request)


def _merge(request: HttpRequest, ids: Sequence[int]) -> HttpResponse:
    desk_steps.merge(ids, by=person(request))
    notes.success(request, _("They stand as one now."))
    return _back(request)


def _draft(request: HttpRequest, ids: Sequence[int]) -> HttpResponse:
    signals = Signal.objects.select_related("area").filter(pk__in=ids)
    level = request.POST.get("level", "")
    area = next((place for place in judging.places_of(*signals) if place.slug == request.POST.get("area")), None)
    if level not in LEVELS or area is None:
        raise ValueError(_("Choose a level and a place."))
    drafted = desk_steps.draft(ids, by=person(request), level=level, area=area)
    return redirect("review_alert", drafted.pk)


def _back(request: HttpRequest) -> HttpResponse:
    """To the desk, in the language one was in."""
    query = request.GET.urlencode()
    return redirect(reverse("desk") + (f"?{query}" if query else ""))


STEPS: Mapping[str, Callable[[HttpRequest, Sequence[int]], HttpResponse]] = {
    "take": _take,
    "let-go": _let_go,
    "dismiss": _dismiss,
    "undo": _undo,
    "merge": _merge,
    "draft": _draft,
}


def _ids(request: HttpRequest) -> list[int]:
    """The signals a step is about; one field may hold those of a whole group."""
    written = " ".join(request.POST.getlist("signals")).split()
    if not written or len(written) > MOST_AT_ONCE or not all(each.isascii() and each.isdigit() for each in written):
        raise Http404
    ids = list(dict.fromkeys(int(each) for each in written))
    if any(each > 2**62 for each in ids) or Signal.objects.filter(pk__in=ids).count() != len(ids):
        raise Http404
    areas = list(Area.objects.filter(signals__in=ids).distinct())
    if len(judging.judged_by(person(request), areas)) < len(areas):
        raise Http404  # others' signals are as if they were not there
    return ids


def _shown(groups: Sequence[Group], who: User) -> list[dict[str, Any]]:
    now = timezone.now()
    shown = []
    headlines = headlines_of(signal for group in groups for signal in group.signals)
    usual_places: dict[tuple[int, int | None], Area | None] = {}  # by area and site: many signals come from few
    for group, places in zip(groups, judging.places_of_each([group.signals for group in groups]), strict=True):
        home = (group.main.area_id, group.main.site_id)
        if home not in usual_places:
            usual_places[home] = judging.usual_place(group.main)
        usual = usual_places[home]
        shown.append(
            {
                "group": group,
                "rows": [signal_row(signal, headlines) for signal in group.signals],
                "ids": " ".join(str(pk) for pk in group.ids),
                "level_word": LEVEL_WORDS[group.level],
                "rung": RUNG_WORDS.get(group.rung, group.rung),
                "takers": ", ".join(group.takers(now)),
                "is_mine": any(is_taken(each, now) and each.taken_by_id == who.pk for each in group.signals),
                "places": places,
                "usual": usual if usual in places else None,
            }
        )
    return shown


def _undoable(who: User) -> list[dict[str, Any]]:
    lately = timezone.now() - desk_steps.UNDONE_WITHIN
    states = [Signal.State.DISMISSED, Signal.State.MERGED]
    rows = Signal.objects.filter(state__in=states, decided_by=who, decided_at__gt=lately).order_by("-decided_at")
    return [
        {"row": row, "summary": summary_of(row), "is_joined": row.state == Signal.State.MERGED}
        for row in rows[:MOST_UNDONE]
    ]
