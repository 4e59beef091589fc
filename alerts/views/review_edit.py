"""Putting an alert into other words: every language at once, each sentence a line."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from checking.staff_rights import may_review

from .. import gsm7, judging, lifecycle, messages
from ..approving import NotReleased
from ..levels import Cap
from ..lifecycle import latest
from ..models import AlertContent
from .review import REFUSALS, find_alert
from .review_reading import LANGUAGE_NAMES
from .staff_door import for_staff
from .staff_entry import person
from .staff_forms import all_are_valid


class WordingForm(forms.Form):
    """The words in one language. One line of a box is one sentence of a list."""

    headline = forms.CharField(label=gettext_lazy("Headline"), max_length=200)
    sms = forms.CharField(label=gettext_lazy("Text message"), widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *arguments: Any, language: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.language = language
        self.language_name = LANGUAGE_NAMES.get(language, language)
        for name in messages.BLOCKS:
            self.fields[name] = forms.CharField(
                label=messages.words(language)["headings"][name],
                required=name in {"actions", "found", "who"},
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        for field in self.fields.values():
            field.widget.attrs["lang"] = language

    def clean_sms(self) -> str:
        written = str(self.cleaned_data["sms"])
        room = gsm7.TWO_SEGMENTS - messages.ROOM_FOR_NUMBER
        if gsm7.places(written) > room:
            too_many = gsm7.places(written) - room
            raise forms.ValidationError(_("This is %(n)s signs too long for two text messages.") % {"n": too_many})
        return written

    def block(self) -> dict[str, Any]:
        lines = {
            name: [line.strip(" -\t") for line in self.cleaned_data[name].splitlines() if line.strip(" -\t")]
            for name in messages.BLOCKS
        }
        return {"headline": self.cleaned_data["headline"], "sms": self.cleaned_data["sms"], **lines}


@for_staff(may_review)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, id: UUID) -> HttpResponse:
    """Other words for an alert. Approvals stay with the words they were given to."""
    found = find_alert(request, id)
    content = latest(found)
    data = request.POST if request.method == "POST" else None
    wording_forms = [
        WordingForm(data, language=language, prefix=language, initial=_as_lines(block))
        for language, block in content.body["blocks"].items()
    ]
    if data is not None and all_are_valid(wording_forms):
        body = judging.reworded(content.body, {form.language: form.block() for form in wording_forms})
        try:
            if str(content.version) != request.POST.get("version"):
                raise NotReleased("The content has changed since it was shown. Please read it again.")
            lifecycle.edit(found, by=person(request), level=content.level, body=body, cap=_cap_of(content))
        except REFUSALS as refused:
            wording_forms[0].add_error(None, str(refused))
        else:
            notes.success(request, _("The new words are saved. They need approval anew."))
            return redirect("review_alert", id)
    context = {"alert": found, "content": content, "forms": wording_forms}
    return render(request, "review/edit.html", context, status=200 if data is None else 400)


def _as_lines(block: Mapping[str, Any]) -> dict[str, str]:
    return {
        "headline": block["headline"],
        "sms": block["sms"],
        **{name: "\n".join(block.get(name, ())) for name in messages.BLOCKS},
    }


def _cap_of(content: AlertContent) -> Cap:
    return Cap(content.severity, content.certainty, content.urgency)
