"""Notes on a sample's page: optional, for staff of its site, refused where they could tell who a person is."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from checking.identifying import says_who
from checking.models import Note
from checking.notes import Identifying, write_note
from checking.staff_rights import samples_for

from .staff import shown
from .staff_door import for_staff, may_enter
from .staff_entry import person


class NoteForm(forms.Form):
    """A few words about the sample. Never about the person."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=Note.LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


@for_staff(may_enter)
@require_POST
@sensitive_post_parameters("note")
@sensitive_variables()
def write(request: HttpRequest, id: UUID) -> HttpResponse:
    """Keep a note; or show, in this one answer only, which words are in the way."""
    sample = get_object_or_404(samples_for(request.user), pk=id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            write_note(sample, form.cleaned_data["note"], by=person(request))
        except Identifying as refused:
            form.add_error("note", says_who(refused.found))
        else:
            messages.success(request, _("The note is kept for 30 days."))
            return redirect("staff_sample", sample.pk)
    return render(request, "staff/sample.html", {**shown(sample), "note": form}, status=400)


@for_staff(may_enter)
@require_POST
def delete(request: HttpRequest, id: int) -> HttpResponse:
    """Delete a note before its time."""
    note = get_object_or_404(Note, pk=id, sample__in=samples_for(request.user))
    note.delete()
    messages.success(request, _("The note is deleted."))
    return redirect("staff_sample", note.sample_id)
