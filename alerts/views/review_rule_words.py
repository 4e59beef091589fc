"""Composing what a rule says: both languages beside each other, an example with every gap filled, the word check."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages as notes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from .. import rule_approvals, rule_wording, rule_words
from ..approving import NotAllowed, NotReleased
from ..messages import LANGUAGES
from ..rule_wording import LONGEST_LINE, MOST_LINES, NotSound, Typed
from ..rule_words import LISTS, OwnWords
from ..rules import SPEAKING
from .review_edit import HEADINGS
from .review_reading import LANGUAGE_NAMES, wording
from .review_rules import may_see_rules
from .review_words import SPEAKING_RULES
from .staff_door import for_staff
from .staff_entry import person
from .staff_forms import all_are_valid

MOST_TEXT = MOST_LINES * (LONGEST_LINE + 2)


class WordsForm(forms.Form):
    """One language's words."""

    headline = forms.CharField(label=gettext_lazy("Headline"), max_length=LONGEST_LINE, widget=forms.Textarea)
    headline_unknown = forms.CharField(
        label=gettext_lazy("Headline where nobody could name the sample"),
        max_length=LONGEST_LINE,
        widget=forms.Textarea,
    )
    actions = forms.CharField(max_length=MOST_TEXT, widget=forms.Textarea)
    looks = forms.CharField(max_length=MOST_TEXT, widget=forms.Textarea, required=False)
    signs = forms.CharField(max_length=MOST_TEXT, widget=forms.Textarea, required=False)
    helps = forms.CharField(max_length=MOST_TEXT, widget=forms.Textarea, required=False)
    steps = forms.CharField(
        label=gettext_lazy("What to do, in the text message"), max_length=LONGEST_LINE, widget=forms.Textarea
    )

    def __init__(self, data: Any, *, language: str, typed: Typed) -> None:
        texts = {name: getattr(typed, name) for name in ("headline", "headline_unknown", "steps")}
        lists = {name: "\n".join(typed.lists[name]) for name in LISTS}
        super().__init__(data, prefix=language, initial={**texts, **lists})
        self.language, self.language_name = language, LANGUAGE_NAMES[language]
        for name, field in self.fields.items():
            field.label = str(field.label or HEADINGS[name])
            field.widget.attrs |= {"lang": language, "rows": 6 if name in LISTS else 2}

    def typed(self) -> Typed:
        said = self.cleaned_data
        return Typed(
            _one_line(said["headline"]),
            _one_line(said["headline_unknown"]),
            _one_line(said["steps"]),
            {name: [line.strip() for line in said[name].splitlines() if line.strip()] for name in LISTS},
        )


class ReasonForm(forms.Form):
    because = forms.CharField(label=gettext_lazy("Why"), min_length=3, max_length=300)


@for_staff(may_see_rules)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, rule: str) -> HttpResponse:
    """Other words for a rule. It is silent until two people approved them."""
    who = person(request)
    if rule not in SPEAKING:
        raise Http404
    if not rule_approvals.may_approve_rules(who):
        notes.error(request, _("Only a reviewer or a community reviewer of the whole network can do this."))
        return redirect("review_rules")
    typed, reason = _forms(request, rule), ReasonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "review/rule_words.html", _context(rule, typed, reason))
    own, fault = _own(rule, typed)
    if own is not None and reason.is_valid():
        try:
            shown, because = request.POST.get("shown", ""), reason.cleaned_data["because"]
            rule_wording.reword(rule, own, shown=shown, by=who, because=because)
        except (NotAllowed, NotReleased, NotSound) as refused:
            fault = str(refused)
        else:
            notes.success(request, _("The new words are saved. The rule is silent until two people approved them."))
            return redirect("review_rules")
    fault = fault or _("Not saved. Please look at what is marked.")
    return render(request, "review/rule_words.html", _context(rule, typed, reason, own, fault), status=400)


@for_staff(may_see_rules)
@require_POST
def show_preview(request: HttpRequest, rule: str) -> HttpResponse:
    """The example in the words as typed: the fragment for a script that asks for it, else the whole page with it."""
    if rule not in SPEAKING:
        raise Http404
    typed = _forms(request, rule)
    own, fault = _own(rule, typed)
    context = _context(rule, typed, ReasonForm(initial={"because": request.POST.get("because", "")}), own, fault)
    name = "_rule_preview" if request.headers.get("X-Fragment") == "preview" else "rule_words"
    return render(request, f"review/{name}.html", context)


def _forms(request: HttpRequest, rule: str) -> list[WordsForm]:
    data = request.POST if request.method == "POST" else None
    now = rule_wording.typed_now(rule, rule_words.own_words(rule))
    return [WordsForm(data, language=language, typed=now[language]) for language in LANGUAGES]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _own(rule: str, typed: list[WordsForm]) -> tuple[OwnWords | None, str]:
    """The words as typed, or why there are none."""
    if not all_are_valid(typed):
        return None, _("Not saved. Please look at what is marked.")
    try:
        return rule_wording.own_of(rule, {form.language: form.typed() for form in typed}), ""
    except NotSound as fault:
        return None, str(fault)


def _context(
    rule: str, typed: list[WordsForm], reason: ReasonForm, own: OwnWords | None = None, fault: str = ""
) -> Mapping[str, Any]:
    shown = rule_words.own_words(rule) if own is None else own
    blocks = rule_approvals.example_of(rule, shown, timezone.now())["blocks"]
    language = get_language() or "en"
    return {
        "rule": rule,
        "name": SPEAKING_RULES[rule],
        "forms": typed,
        "reason": reason,
        "shown": rule_words.words_sha256(rule),
        "fault": fault,
        "wordings": [wording(each, block) for each, block in blocks.items()],
        "objections": [(each, each.why(language)) for each in rule_wording.objections_to(rule, shown)],
        "history": rule_wording.history(rule),
    }
