"""What analysts choose by. The words of a form are checked by `checking`, as those of an address are."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checking import area_tree, catalogue, live_words, trend_words
from checking.export_rows import FINDINGS, SAMPLES
from checking.models import Area, Export
from checking.reach import Reach, sites_within
from checking.trends import FAMILIES, MATERIALS, BadQuestion

from .staff_forms import DayInput, short
from .staff_words import FORMS

MOST_OFFERED = 300  # of areas and of substances, as one types
ROWS = {FINDINGS: gettext_lazy("what was found, and looked for"), SAMPLES: gettext_lazy("samples")}


class ChoosingForm(forms.Form):
    """Fields of an address, all of them optional here."""

    made_as: Mapping[str, str] = {}  # fields that are made otherwise here than by their name

    def __init__(self, data: Mapping[str, Any], reach: Reach, fields: tuple[str, ...]) -> None:
        super().__init__({name: data.get(name, "") for name in fields}, auto_id="by-%s")
        made = _fields(reach)
        self.fields.update({name: made[self.made_as.get(name, name)]() for name in fields})

    def given(self) -> dict[str, str]:
        """What was written."""
        return {name: str(value).strip() for name, value in self.data.items()}

    def show(self, meant: Mapping[str, str]) -> None:
        """Fill in what was not written and is meant all the same, such as the days."""
        self.data = {name: value or meant.get(name, "") for name, value in self.data.items()}

    def blame(self, error: BadQuestion) -> None:
        """Say at its field what is wrong with a question."""
        self.is_valid()
        said = str(error)
        if error.suggestions:
            said += " " + _("Did you mean: %(names)s?") % {"names": ", ".join(error.suggestions)}
        self.add_error(error.name if error.name in self.fields else None, said)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Each field's place on the page, and what is wrong there."""
        return [
            (f"by-{name}" if name in self.fields else "", str(said))
            for name, many in self.errors.items()
            for said in many
        ]


def _fields(reach: Reach) -> dict[str, Any]:
    """How each field is made, so that only those of a form cost a question."""
    return {
        "substance": lambda: short(_("Substance or class found"), list="substances", required="required"),
        "expected": lambda: short(_("Taken for"), list="substances", placeholder=_("anything")),
        "area": lambda: short(_("Place"), list="areas", placeholder=_("everywhere")),
        "site": lambda: _select(_("Site"), [("", _("all")), *sites_within(reach).values_list("slug", "name")]),
        "family": lambda: _select(_("How it was checked"), _families()),
        "any_family": lambda: _select(_("How it was checked"), [("", _("in any way, or not yet")), *_families()]),
        "material": lambda: _select(_("What was checked"), _materials()),
        "any_material": lambda: _select(_("What was checked"), [("", _("either")), *_materials()]),
        "form": lambda: _select(_("Form"), [("", _("all")), *((name, said) for name, said in FORMS.items())]),
        "method": lambda: _select(_("Method"), [("", _("all")), *_methods()]),
        "interval": lambda: _select(_("Put together"), list(live_words.GRAINS.items())),
        "from": lambda: _day(_("Collected from")),
        "to": lambda: _day(_("Up to")),
        "rows": lambda: _select(_("One row for each of"), list(ROWS.items())),
        "purpose": lambda: forms.CharField(
            label=_("What you need them for"),
            required=False,
            max_length=10 * Export.LONGEST,  # what is too long is said where the purpose is checked
            widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "required": "required"}),
        ),
        "password": lambda: forms.CharField(
            label=_("Your password once more"),
            required=False,
            strip=False,
            max_length=4096,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "required": "required"}),
        ),
        "code": lambda: forms.CharField(
            label=_("Code of your second factor"),
            required=False,
            max_length=40,
            widget=forms.TextInput(
                attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "required": "required"}
            ),
        ),
    }


def _select(label: str, choices: list[Any]) -> forms.CharField:
    """What is none of the choices is said by whoever reads the question, with what there is."""
    return forms.CharField(label=label, required=False, widget=forms.Select(choices=choices))


def _day(label: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=40, widget=DayInput())


def _families() -> list[tuple[str, str]]:
    return [(family, trend_words.family_name(family)) for family in FAMILIES]


def _materials() -> list[tuple[str, str]]:
    return [(material, trend_words.material_name(material)) for material in MATERIALS]


def _methods() -> list[tuple[str, str]]:
    methods = catalogue.current().methods.values()
    return sorted(((each.slug, each.name) for each in methods if each.family in FAMILIES), key=lambda pair: pair[1])


def offered(reach: Reach) -> dict[str, list[str]]:
    """What is offered while one types: places with sites and those above them, and what is watched."""
    tree = area_tree.current()
    homes = Area.objects.filter(sites__in=sites_within(reach)).values_list("slug", flat=True).distinct()
    places = dict.fromkeys(step for home in homes for step in tree.above(home))
    known = catalogue.current()
    watched = [subject for subject in known.subjects.values() if known.is_watch_listed(subject)]
    return {
        "areas": [tree.name(slug) for slug in places][:MOST_OFFERED],
        "substances": sorted(trend_words.name_of(subject) for subject in watched)[:MOST_OFFERED],
    }


def usual_days(days: int, today: date) -> dict[str, str]:
    return {"from": date.fromordinal(today.toordinal() - days).isoformat(), "to": today.isoformat()}
