"""What the composer takes from a person: words in every language, blocks by tick, place and grade."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checking.models import Area

from .. import blocks, gsm7, messages, rewording, sms_room
from ..levels import CERTAINTIES, SEVERITIES, URGENCIES, Cap
from ..models import AlertContent
from ..word_check import CLINICIANS
from .review_reading import LANGUAGE_NAMES

LISTS = (*messages.BLOCKS, CLINICIANS)  # blocks of several lines; one line of a box is one sentence
NEEDED = frozenset({"actions", "found", "who"})
CAP_WORDS: Mapping[str, str | Promise] = {
    "Extreme": gettext_lazy("Extreme: a life in danger"),
    "Severe": gettext_lazy("Severe: serious harm"),
    "Moderate": gettext_lazy("Moderate: some harm"),
    "Minor": gettext_lazy("Minor: little harm"),
    "Observed": gettext_lazy("Observed: it was found"),
    "Likely": gettext_lazy("Likely"),
    "Possible": gettext_lazy("Possible"),
    "Unlikely": gettext_lazy("Unlikely"),
    "Immediate": gettext_lazy("Immediate: act now"),
    "Expected": gettext_lazy("Expected: act soon"),
    "Future": gettext_lazy("Future: act later"),
    "Past": gettext_lazy("Past: no need to act"),
    "Unknown": gettext_lazy("Unknown"),
}


class WordingForm(forms.Form):
    """The words in one language. One line of a box is one sentence of a list."""

    headline = forms.CharField(
        label=gettext_lazy("Headline"), max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )  # several lines to see it whole; it is one
    sms = forms.CharField(label=gettext_lazy("Text message"), widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *arguments: Any, language: str, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.language = language
        self.language_name = LANGUAGE_NAMES.get(language, language)
        for name in LISTS:
            self.fields[name] = forms.CharField(required=name in NEEDED, widget=forms.Textarea(attrs={"rows": 4}))
        for name, field in self.fields.items():
            field.label = self.language_name
            field.widget.attrs |= {"lang": language, "data-block": name}

    def clean_sms(self) -> str:
        written = str(self.cleaned_data["sms"])
        room = gsm7.TWO_SEGMENTS - messages.ROOM_FOR_NUMBER
        if not sms_room.fits(written):
            too_many = max(gsm7.places(written) - room, 1)  # a pair that cannot be parted leaves a place empty
            raise forms.ValidationError(_("This is %(n)s signs too long for two text messages.") % {"n": too_many})
        return written

    def typed(self) -> dict[str, Any]:
        """What stands in the boxes, sound or not."""
        block: dict[str, Any] = {name: " ".join(_text(self[name].value()).split()) for name in ("headline", "sms")}
        return block | {name: lines_of(_text(self[name].value())) for name in LISTS}


class SettingForm(forms.Form):
    """Where it speaks, how grave, how sure and how soon; the level follows."""

    area = forms.ChoiceField(label=gettext_lazy("Place it names"))
    severity = forms.ChoiceField(
        label=gettext_lazy("Severity"), choices=[(each, CAP_WORDS[each]) for each in SEVERITIES]
    )
    certainty = forms.ChoiceField(
        label=gettext_lazy("Certainty"), choices=[(each, CAP_WORDS[each]) for each in CERTAINTIES]
    )
    urgency = forms.ChoiceField(label=gettext_lazy("Urgency"), choices=[(each, CAP_WORDS[each]) for each in URGENCIES])
    stamp_reason = forms.CharField(
        label=gettext_lazy("If it names a stamp: why this one helps"), required=False, max_length=200
    )

    def __init__(self, data: QueryDict | None, *, content: AlertContent, places: Sequence[Area]) -> None:
        """What a form does not say stays as it is."""
        self.usual = {
            "area": (content.body.get("areas") or [content.alert.area.slug])[0],
            "severity": content.severity,
            "certainty": content.certainty,
            "urgency": content.urgency,
            "stamp_reason": content.body.get("overrides", {}).get("brand_stamp", ""),
        }
        super().__init__({**self.usual, **data.dict()} if data is not None else None, initial=self.usual)
        self.places = {place.slug: place for place in places}
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = [(place.slug, place.name) for place in places]

    def cap(self) -> Cap:
        return Cap(*(str(self[name].value()) for name in ("severity", "certainty", "urgency")))

    def place(self) -> Area | None:
        """None: a place that this alert may not name."""
        return self.places.get(str(self["area"].value()))


def with_ticks(data: QueryDict) -> QueryDict:
    """What was typed, with the blocks that were ticked put in and those that were unticked taken out."""
    shown, picked = set(data.get("shown", "").split()), set(data.getlist("pick"))
    changed = data.copy()
    for block in blocks.library():
        for language in block.texts:
            name = f"{language}-{block.kind}"
            if name not in data:
                continue
            lines = lines_of(str(changed[name]))
            if block.id in picked - shown:
                changed[name] = "\n".join(blocks.put_in(block, lines, language))
            elif block.id in shown - picked:
                changed[name] = "\n".join(blocks.take_out(block, lines, language))
    return changed


def initial_of(block: Mapping[str, Any], language: str) -> dict[str, str]:
    """A block as boxes show it. The sentence that says how sure it is stands beside the box: nobody writes it."""
    lines = {name: list(block.get(name, ())) for name in LISTS}
    if language in messages.LANGUAGES:
        lines["found"] = rewording.without_rung(lines["found"], messages.words(language))
    return {"headline": block["headline"], "sms": block["sms"]} | {
        name: "\n".join(several) for name, several in lines.items()
    }


def lines_of(text: str) -> list[str]:
    return [line.strip(" -\t") for line in text.splitlines() if line.strip(" -\t")]


def _text(value: Any) -> str:
    return "" if value is None else str(value)
