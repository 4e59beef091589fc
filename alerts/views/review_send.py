"""The last look before something goes out: one page for what is live, another for a drill."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from checking import catalogue
from checking.models import Area
from checking.staff_rights import may_review

from .. import drills, judging
from ..approving import NotAllowed
from ..lifecycle import latest
from ..models import Alert
from ..models.alerts import LEVELS
from ..showing import LEVEL_WORDS
from .review import find_alert
from .review_reading import summaries, wordings
from .staff_door import for_staff
from .staff_entry import person

MOST_DRILLS = 50


@for_staff(may_review)
@require_safe
def send(request: HttpRequest, id: UUID) -> HttpResponse:
    """What goes out, to whom, and the one button; `?lane=fast` for a warning on one person's word."""
    alert = find_alert(request, id)
    if alert.state not in {Alert.State.DRAFT, Alert.State.PROPOSED}:
        return redirect("review_alert", id)
    content, area = latest(alert), alert.area.name
    level_word = str(LEVEL_WORDS[content.level])
    is_fast = request.GET.get("lane") == "fast"
    context = {
        "alert": alert,
        "content": content,
        "level_word": level_word,
        "asked": drills.asked_before_drill(area) if alert.is_drill else drills.asked_before_live(level_word, area),
        "step": "publish-by-fast-lane" if is_fast else "publish",
        "is_fast": is_fast,
        "wordings": wordings(content),
        "missing": judging.missing(content),
    }
    return render(request, "review/send_drill.html" if alert.is_drill else "review/send.html", context)


class DrillForm(forms.Form):
    """Where and about what. The finding is made up."""

    area = forms.ChoiceField(label=_("Area"))
    level = forms.ChoiceField(label=_("Level"))
    subject = forms.CharField(label=_("Made-up finding"), max_length=120, initial="fentanyl")

    def __init__(self, *arguments: Any, areas: list[Area], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.areas = {area.slug: area for area in areas}
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = [(each.slug, each.name) for each in areas]
        level = self.fields["level"]
        assert isinstance(level, forms.ChoiceField)
        level.choices = [(name, LEVEL_WORDS[name]) for name in LEVELS]

    def clean_area(self) -> Area:
        return self.areas[self.cleaned_data["area"]]

    def clean_subject(self) -> Any:
        match = catalogue.current().find(self.cleaned_data["subject"])
        if match.kind not in {"one", "class"}:
            raise forms.ValidationError(_("This is not a name we know."))
        return match.subjects[0]


@for_staff(may_review)
@require_http_methods(["GET", "HEAD", "POST"])
def all_drills(request: HttpRequest) -> HttpResponse:
    """Drills so far, and beginning another."""
    who = person(request)
    areas = judging.judged_by(who, Area.objects.order_by("path"))
    data = request.POST if request.method == "POST" else None
    form = DrillForm(data, areas=areas)
    if data is not None and form.is_valid():
        try:
            begun = drills.begin(by=who, **form.cleaned_data)
        except (NotAllowed, ValueError) as refused:
            notes.error(request, str(refused))
        else:
            return redirect("review_alert", begun.pk)
    rows = Alert.objects.filter(is_drill=True, area__in=areas).select_related("area").order_by("-created_at")
    context = {"form": form, "drills": summaries(list(rows[:MOST_DRILLS]))}
    return render(request, "review/drills.html", context, status=200 if data is None else 400)
