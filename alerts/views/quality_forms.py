"""The forms of quality control and strip lots: few taps on a phone, nothing that needs a script."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from checking.attaching import LONGEST_WORDS
from checking.models import KitLot, Method, QualityCheck

from . import staff_words as words
from .staff_forms import DayInput, radio, short

FIRST_DAY = date(2000, 1, 1)
MOST_DAYS = 366
KINDS: words.Words = {
    "blank": gettext_lazy("Blank"),
    "positive_control": gettext_lazy("Positive control"),
    "background": gettext_lazy("Background"),
}
PASSED: words.Words = {
    "yes": pgettext_lazy("check", "It passed"),
    "no": pgettext_lazy("check", "It failed"),
}
STATES: words.Words = {
    "unverified": gettext_lazy("Not verified"),
    "sound": gettext_lazy("Sound"),
    "suspect": gettext_lazy("Suspect"),
}
Choice = tuple[Any, str | Promise]


def reason(label: Any) -> Any:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    errors = {"required": gettext_lazy("Say why, so that others can follow.")}
    return forms.CharField(label=label, min_length=3, max_length=300, widget=widget, error_messages=errors)


class BecauseForm(forms.Form):
    because = reason(gettext_lazy("Why"))


class CheckForm(forms.Form):
    """One check that was done."""

    method = radio(gettext_lazy("Method"), [], required=True)
    kind = radio(gettext_lazy("What was run"), words.choices(KINDS), required=True)
    passed = radio(gettext_lazy("How it went"), words.choices(PASSED), required=True)
    lot = forms.ModelChoiceField(label=gettext_lazy("Strip lot"), queryset=KitLot.objects.none(), required=False)
    done_on = forms.DateField(label=gettext_lazy("Day"), widget=DayInput)

    def __init__(
        self, *arguments: Any, methods: Sequence[Choice], lots: Iterable[int], today: date, **named: Any
    ) -> None:
        super().__init__(*arguments, **{"initial": {"done_on": today}, **named})
        self.today = today
        self.fields["method"].choices = methods  # type: ignore[attr-defined]  # a field of choices
        of_lots = KitLot.objects.filter(pk__in=lots).select_related("method").order_by("method", "brand", "lot")
        lot = self.fields["lot"]
        lot.queryset = of_lots  # type: ignore[attr-defined]  # a field of models
        lot.empty_label = _("No lot, or not known")  # type: ignore[attr-defined]

    def clean_done_on(self) -> date:
        return _past(self.cleaned_data["done_on"], self.today)

    def clean(self) -> dict[str, Any]:
        clean = self.cleaned_data
        method = Method.objects.filter(slug=clean.get("method", "")).first()
        clean["method_row"] = method
        if method is None:
            return clean
        if clean.get("kind") == QualityCheck.Kind.BACKGROUND and method.family != "spectroscopy":
            self.add_error("kind", _("A background belongs to FTIR and its like."))
        if clean.get("lot") is not None and clean["lot"].method_id != method.pk:
            self.add_error("lot", _("This lot is of another strip."))
        return clean


class PlanForm(forms.Form):
    """How often a check is due."""

    method = forms.ChoiceField(label=gettext_lazy("Method"))
    kind = forms.ChoiceField(label=gettext_lazy("What is run"), choices=words.choices(KINDS))
    every_days = forms.IntegerField(
        label=gettext_lazy("A passed check holds for so many days (empty: no plan)"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, *arguments: Any, methods: Sequence[Choice], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["method"].choices = methods  # type: ignore[attr-defined]  # a field of choices


class LotForm(forms.Form):
    """A lot as its box says."""

    method = radio(gettext_lazy("Strip for"), [], required=True)
    brand = short(gettext_lazy("Brand"))
    lot = short(gettext_lazy("Lot"), autocapitalize="characters")
    expires_on = forms.DateField(label=gettext_lazy("Use by"), required=False, widget=DayInput)

    def __init__(self, *arguments: Any, methods: Sequence[Choice], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["method"].choices = methods  # type: ignore[attr-defined]  # a field of choices
        for name in ("brand", "lot"):
            self.fields[name].required = True


class MarkForm(forms.Form):
    """What is thought of a lot."""

    state = radio(gettext_lazy("This lot is"), words.choices(STATES), required=True)
    because = reason(gettext_lazy("Why"))


class SecondForm(forms.Form):
    """What a second person read."""

    agrees = radio(
        gettext_lazy("Reading it without looking, I came to"),
        [("yes", gettext_lazy("the same")), ("no", gettext_lazy("something else"))],
        required=True,
    )


class FileForm(forms.Form):
    """A spectrum or a picture."""

    file = forms.FileField(
        label=gettext_lazy("JCAMP-DX or PNG"),
        widget=forms.FileInput(attrs={"accept": ".jdx,.dx,.jcamp,.png,image/png"}),
    )
    instrument = short(gettext_lazy("Instrument"), longest=LONGEST_WORDS)
    library_version = short(gettext_lazy("Library and version"), longest=LONGEST_WORDS)


def _past(day: date, today: date) -> date:
    if day > today:
        raise forms.ValidationError(_("This day has not come yet."))
    if day < FIRST_DAY:
        raise forms.ValidationError(_("This day is too long ago."))
    return day
