"""The form of one service: few fields on a phone, in the words the public page has."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checking import area_tree
from checking.helping import OFFERS
from checking.keeping_services import PLAIN, Values
from checking.models import Service
from checking.service_rows import canonical_hours, check, usual_zone

from .staff_forms import short

MOST_BYTES = 200 * 1024  # of a file of services: some 800 of them; a form carries no more


def _words(label: Any, *, longest: int, **attributes: str) -> Any:
    return short(label, longest=longest, **{"autocapitalize": "sentences", **attributes})


class ServiceForm(forms.Form):
    """One service as people see it."""

    name = _words(gettext_lazy("Name"), longest=120)
    area = forms.CharField(label=gettext_lazy("Place"))
    offers = forms.MultipleChoiceField(
        label=gettext_lazy("What it offers"), choices=list(OFFERS.items()), widget=forms.CheckboxSelectMultiple
    )
    phone = short(gettext_lazy("Phone, digits only"), longest=40, inputmode="tel")
    text_line = short(gettext_lazy("Number for text messages"), longest=40, inputmode="tel")
    address = _words(gettext_lazy("Address, and how to find the door"), longest=200)
    hours = _words(gettext_lazy("Opening hours"), longest=400, **{"aria-describedby": "about_hours"})
    hours_remark = _words(gettext_lazy("A remark on hours, such as “ask for Ana”"), longest=200)
    time_zone = short(gettext_lazy("Time zone, if not that of the sites there"), longest=60)
    url = short(gettext_lazy("Website"), longest=200, inputmode="url")
    languages = short(gettext_lazy("Languages spoken, such as en, es"), longest=200)
    is_confirmed = forms.BooleanField(label=gettext_lazy("I made sure today that all of this holds"), required=False)

    def __init__(self, *arguments: Any, areas: Sequence[tuple[str, str]], user_may: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["name"].required = True
        if areas:
            self.fields["area"].widget = forms.Select(choices=[("", _("Choose a place")), *areas])
        self.user_may = user_may
        self.why_words = ""  # why the hours stay words for people only

    def clean_area(self) -> str:
        """A slug, or a name that is one area's alone."""
        written = str(self.cleaned_data["area"]).strip()
        tree = area_tree.current(holding=[written])
        found = [written] if written in tree else tree.named(written)
        if len(found) != 1:
            raise ValidationError(_("We do not know a place called “%(name)s”.") % {"name": written})
        if not self.user_may(found[0]):
            raise ValidationError(_("Services of this place are kept by others."))
        return found[0]

    def clean(self) -> dict[str, Any]:
        clean = self.cleaned_data
        try:
            check(self._values(clean))
        except ValidationError as error:
            for name, said in error.message_dict.items():
                if name in self.fields and name not in self.errors:
                    self.add_error(name, said)
        return clean

    def values(self, today: date) -> Values:
        """As kept. Only a confirmation moves the day; without one it stays as it was."""
        clean = self.cleaned_data
        values = {**self._values(clean), "area": clean["area"]}
        if values["hours"] and not values["time_zone"]:
            values["time_zone"] = usual_zone(clean["area"])
        del values["last_confirmed_on"]
        return {**values, "last_confirmed_on": today.isoformat()} if clean["is_confirmed"] else values

    def _values(self, clean: dict[str, Any]) -> Values:
        hours, self.why_words = canonical_hours(clean.get("hours", ""))
        languages = [part.strip() for part in clean.get("languages", "").split(",") if part.strip()]
        plain = {name: clean.get(name, "") for name in PLAIN}
        offers = list(clean.get("offers") or [])
        return {**plain, "offers": offers, "languages": languages, "hours": hours, "last_confirmed_on": None}


def initial_of(service: Service) -> dict[str, Any]:
    plain = {name: getattr(service, name) for name in PLAIN}
    return {**plain, "area": service.area.slug, "languages": ", ".join(service.languages)}


class FileForm(forms.Form):
    """A file of services."""

    file = forms.FileField(
        label=gettext_lazy("The file: CSV"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv", "aria-describedby": "about_file"}),
    )

    def clean_file(self) -> str:
        """Its text. Spreadsheets that do not write UTF-8 write the code page of Western languages."""
        content = self.cleaned_data["file"].read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ValidationError(_("This file is too large. Send it in parts."))
        try:
            return str(content.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return str(content.decode("cp1252", errors="replace"))
