"""The forms of the counter: radio buttons, checkboxes and few words, so that a thumb and no script are enough."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from checking.entering import DILUTIONS, RANKS, Dilution, FindingEntry, LabEntry, StripEntry
from checking.identifying import passages, says_who

from . import staff_words as words

MOST_FINDINGS = 40  # rows; a chromatogram rarely names more than twenty
ROWS_WITHOUT_SCRIPT = 4
SAME_AS_FIRST, OTHER_DILUTION = "same", "other"

READINGS: words.Words = {
    "clear": gettext_lazy("Two lines"),
    "faint": gettext_lazy("Two lines, one faint"),
    "absent": gettext_lazy("One line, at control"),
    "no_control": gettext_lazy("No control line"),
    "no_lines": gettext_lazy("No lines at all"),
}
DILUTION_WORDS: words.Words = {
    "not_weighed": gettext_lazy("Not weighed"),
    "10_in_50": gettext_lazy("10 mg in 50 mL"),
    "10_in_10": gettext_lazy("10 mg in 10 mL"),
    "10_in_5": gettext_lazy("10 mg in 5 mL"),
    OTHER_DILUTION: gettext_lazy("Other amounts"),
}


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def radio(label: Any, options: Sequence[tuple[str, Any]], *, required: bool = False, **other: Any) -> Any:
    return forms.ChoiceField(label=label, choices=options, widget=forms.RadioSelect, required=required, **other)


def _number(label: Any) -> Any:
    # Above nought and no more than a body may hold: the same bounds as `checking.bodies.Positive`.
    widget = forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"})
    return forms.FloatField(label=label, required=False, min_value=0.000001, max_value=1_000_000, widget=widget)


def short(label: Any, *, longest: int = 60, **attributes: str) -> Any:
    usual = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}
    widget = forms.TextInput(attrs={**usual, **attributes})
    return forms.CharField(label=label, required=False, max_length=longest, widget=widget)


class AnyChoices(forms.MultipleChoiceField):
    """Chips whose list may have changed since the form was shown: what was tapped still counts."""

    def valid_value(self, value: str) -> bool:
        return True


class SampleForm(forms.Form):
    """The sample itself."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    site = forms.SlugField(widget=forms.HiddenInput)
    lots = forms.CharField(widget=forms.HiddenInput, required=False)
    expected = AnyChoices(label=gettext_lazy("Taken for"), required=False, widget=forms.CheckboxSelectMultiple)
    expected_other = short(gettext_lazy("Something else"), longest=300, list="names")
    form = radio(gettext_lazy("Form"), words.choices(words.FORMS))
    carrier = radio(gettext_lazy("Where it was"), words.choices(words.CARRIERS))
    share = radio(
        gettext_lazy("May we count this in public figures? You get your result either way."),
        [("yes", gettext_lazy("Yes, count it")), ("no", gettext_lazy("No, leave it out"))],
        required=True,
        error_messages={"required": gettext_lazy("Please ask: may we count this in public figures?")},
    )
    overdose = radio(gettext_lazy("Was an overdose linked to it?"), words.choices(words.OVERDOSE))
    collected_on = forms.DateField(label=gettext_lazy("Day it was brought"), widget=DayInput)
    area = forms.ChoiceField(label=gettext_lazy("Where it is from, if not from here"), required=False)
    material = radio(gettext_lazy("What was handed over"), words.choices(words.MATERIALS))
    colours = forms.MultipleChoiceField(
        label=gettext_lazy("Colour"),
        required=False,
        choices=words.choices(words.COLOURS),
        widget=forms.CheckboxSelectMultiple,
    )
    imprint = short(gettext_lazy("Imprint on a tablet or blotter"))
    size_mm = _number(gettext_lazy("Widest side, in mm"))
    mass_mg = _number(gettext_lazy("Mass of one whole unit, in mg"))
    known_contamination = forms.BooleanField(label=gettext_lazy("It got mixed up with something here"), required=False)

    IN_MORE = ("collected_on", "area", "material", "colours", "imprint", "size_mm", "mass_mg", "known_contamination")

    def __init__(
        self, *arguments: Any, chips: Sequence[tuple[str, str]], areas: Sequence[tuple[str, str]], **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self.fields["expected"].choices = chips  # type: ignore[attr-defined]  # a field of choices
        self.fields["area"].choices = [("", _("From this site’s area")), *areas]  # type: ignore[attr-defined]
        self.unsettled: list[tuple[str, list[str]]] = []  # words that mean several things, or none we know

    def expected_names(self) -> tuple[tuple[str, str], ...]:
        """(field, name), chips first. Where a word was settled by an answer below it, the answer stands."""
        tapped = [("expected", name) for name in self.cleaned_data["expected"]]
        typed = [name.strip() for name in self.cleaned_data["expected_other"].split(",")]
        settled = [("expected_other", self.data.get(f"means:{name}") or name) for name in typed if name]
        return tuple(dict.fromkeys([*tapped, *settled]))

    def known_lots(self) -> Mapping[str, list[str]]:
        """Lots used last, by method, as this form showed them."""
        return read_lots(self.cleaned_data.get("lots", ""))

    def rest(self) -> dict[str, Any]:
        """The other fields of the body."""
        clean = self.cleaned_data
        return {
            "form": clean["form"],
            "carrier": clean["carrier"],
            "overdose_associated": clean["overdose"],
            "share": clean["share"] == "yes",
            "area": clean["area"],
            "material": clean["material"],
            "colours": clean["colours"] or None,
            "imprint": clean["imprint"],
            "size_mm": clean["size_mm"],
            "mass_mg": clean["mass_mg"],
            "known_contamination": clean["known_contamination"] or None,
        }

    @property
    def has_more(self) -> bool:
        """True where something under "more" was said or is wrong, so that it must not be folded away."""
        return self.is_bound and any(self.errors.get(name) or name in self.changed_data for name in self.IN_MORE)


class StripForm(forms.Form):
    """One strip. It counts as used once its lines were read."""

    method = radio(gettext_lazy("Strip for"), [], required=True)
    reading = radio(gettext_lazy("What the lines show"), words.choices(READINGS))
    dilution = radio(gettext_lazy("How it was mixed"), words.choices(DILUTION_WORDS))
    mg = _number(gettext_lazy("Sample, in mg"))
    ml = _number(gettext_lazy("Water, in mL"))
    weighed = forms.BooleanField(label=gettext_lazy("Weighed on a scale"), required=False)
    brand = short(gettext_lazy("Brand"))
    lot = short(gettext_lazy("Lot"), autocapitalize="characters")
    expires_on = forms.DateField(label=gettext_lazy("Use by"), required=False, widget=DayInput)
    no_lot = forms.BooleanField(label=gettext_lazy("Lot not known"), required=False)
    performed_on = forms.DateField(label=gettext_lazy("Day of the test"), required=False, widget=DayInput)

    SAID = ("reading", "dilution", "mg", "ml", "weighed", "brand", "lot", "expires_on", "no_lot")

    def __init__(
        self, *arguments: Any, methods: Sequence[tuple[str, str]], follows: "StripForm | None" = None, **named: Any
    ) -> None:
        super().__init__(*arguments, **named)
        self.fields["method"].choices = methods  # type: ignore[attr-defined]  # a field of choices
        self.follows = follows
        if follows is not None:
            same = (SAME_AS_FIRST, _("As the first strip"))
            self.fields["dilution"].choices = [same, *words.choices(DILUTION_WORDS)]  # type: ignore[attr-defined]

    @property
    def is_used(self) -> bool:
        return self.is_bound and any(name in self.changed_data for name in self.SAID)

    @property
    def shows_details(self) -> bool:
        """True where the lot or the day were said or are wrong."""
        details = ("brand", "lot", "expires_on", "no_lot", "performed_on")
        return self.is_bound and any(self.errors.get(name) or name in self.changed_data for name in details)

    def clean(self) -> dict[str, Any]:
        clean = self.cleaned_data
        if self.is_used and not clean.get("reading") and "reading" not in self.errors:
            self.add_error("reading", _("Say what the lines show."))
        if clean.get("dilution") == OTHER_DILUTION:
            for name in ("mg", "ml"):
                if clean.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Say how much, or choose “Not weighed”."))
        elif clean.get("dilution") and (clean.get("mg") is not None or clean.get("ml") is not None):
            self.add_error("dilution", _("To say other amounts, choose “Other amounts”."))
        if bool(clean.get("brand")) != bool(clean.get("lot")):
            self.add_error("lot" if clean.get("brand") else "brand", _("A lot needs its brand and its number."))
        return clean

    def mixed(self) -> Dilution:
        clean = self.cleaned_data
        if clean["dilution"] == SAME_AS_FIRST and self.follows is not None and self.follows.is_valid():
            return self.follows.mixed()
        if clean["dilution"] == OTHER_DILUTION or (not clean["dilution"] and clean["mg"]):
            return Dilution(clean["mg"], clean["ml"], clean["weighed"])
        return DILUTIONS.get(clean["dilution"], Dilution())

    def entry(self, lots: Mapping[str, list[str]]) -> StripEntry:
        """As entered; a lot that was not typed is the one shown as used last for this kind of strip."""
        clean = self.cleaned_data
        brand, lot, expires_on = clean["brand"], clean["lot"], clean["expires_on"]
        if not lot and not clean["no_lot"] and clean["method"] in lots:
            brand, lot, until = lots[clean["method"]]
            expires_on = date.fromisoformat(until) if until else None
        return StripEntry(
            place=str(self.prefix),
            method=clean["method"],
            reading=clean["reading"],
            dilution=self.mixed(),
            brand=brand,
            lot=lot,
            expires_on=expires_on,
            performed_on=clean["performed_on"],
        )


class FindingForm(forms.Form):
    """One substance in one result."""

    name = short(gettext_lazy("Substance"), longest=200, list="names")
    amount = forms.ChoiceField(label=gettext_lazy("How much"), required=False, choices=words.choices(words.AMOUNTS))
    value = forms.FloatField(
        label=gettext_lazy("Number"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )
    basis = forms.ChoiceField(label=gettext_lazy("Counted as"), required=False, choices=words.choices(words.BASES))
    absent = forms.BooleanField(label=gettext_lazy("Looked for, not found"), required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.suggestions: list[str] = []
        basis = self.initial.get("basis", "")
        if basis and basis not in words.BASES:  # a salt a program sent: kept, though the list has no word for it
            self.fields["basis"].choices = [*words.choices(words.BASES), (basis, basis)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        clean = self.cleaned_data
        kind = clean.get("amount", "")
        if not clean.get("name") and (kind or clean.get("value") is not None):
            self.add_error("name", _("Say which substance this is."))
        if kind and kind not in RANKS and clean.get("value") is None and "value" not in self.errors:
            self.add_error("value", _("Say the number."))
        if clean.get("value") is not None and (not kind or kind in RANKS):
            self.add_error("amount", _("Say what the number counts."))
        if clean.get("absent") and kind:
            self.add_error("absent", _("What was not found has no amount."))
        return clean

    def entry(self) -> FindingEntry | None:
        """None for a row left empty."""
        clean = self.cleaned_data
        if not clean["name"]:
            return None
        return FindingEntry(
            place=str(self.prefix),
            name=clean["name"],
            is_detected=not clean["absent"],
            amount=clean["amount"],
            value=clean["value"],
            basis=clean["basis"],
        )


class LabForm(forms.Form):
    """One result by any method but a strip, with what it found. It counts as used once a method is chosen."""

    method = forms.ChoiceField(label=gettext_lazy("Method"), required=False)
    outcome = radio(gettext_lazy("What it says on the whole"), words.choices(words.OUTCOMES))
    lab = forms.ChoiceField(label=gettext_lazy("Where it was run"), required=False)
    chosen_because = forms.ChoiceField(
        label=gettext_lazy("Why this was run"), required=False, choices=words.choices(words.BECAUSE)
    )
    performed_on = forms.DateField(label=gettext_lazy("Day it was run"), required=False, widget=DayInput)
    completed_on = forms.DateField(label=gettext_lazy("Day it was finished"), required=False, widget=DayInput)

    def __init__(
        self,
        data: MultiValueDict[str, str] | None = None,
        *,
        methods: Sequence[tuple[str, str]],
        labs: Sequence[tuple[str, str]],
        found: Sequence[Mapping[str, Any]] = (),
        **named: Any,
    ) -> None:
        super().__init__(data, **named)
        self.fields["method"].choices = [("", _("Choose a method")), *methods]  # type: ignore[attr-defined]
        self.fields["lab"].choices = labs  # type: ignore[attr-defined]  # a field of choices
        self.findings = [
            FindingForm(data, prefix=f"{self.prefix}-finding-{row}", initial=dict(initial))
            for row, initial in enumerate(self._rows(data, found))
        ]

    def _rows(self, data: Any, found: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """As many rows as were sent; before that, those that are known and a few empty ones."""
        count = len(found) + ROWS_WITHOUT_SCRIPT
        if data is not None:
            begins = f"{self.prefix}-finding-"
            numbers = [key[len(begins) :].split("-")[0] for key in data if key.startswith(begins)]
            count = max([int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 4], default=0)
        for row in range(min(count, MOST_FINDINGS)):
            yield found[row] if row < len(found) else {}

    @property
    def is_used(self) -> bool:
        names = ("method", "outcome")
        return self.is_bound and (any(self[name].value() for name in names) or any(map(_is_filled, self.findings)))

    def is_valid(self) -> bool:
        rows = [row.is_valid() for row in self.findings]
        return super().is_valid() and all(rows)

    def clean(self) -> dict[str, Any]:
        clean = self.cleaned_data
        if not self.is_used:
            return clean
        if not clean.get("method") and "method" not in self.errors:
            self.add_error("method", _("Say by which method."))
        if not clean.get("outcome") and not any(map(_is_filled, self.findings)):
            self.add_error("outcome", _("Say what it found, or that nothing was found."))
        return clean

    def entry(self) -> LabEntry:
        """As entered. An outcome nobody tapped follows from the findings."""
        clean = self.cleaned_data
        found = tuple(entry for row in self.findings if (entry := row.entry()))
        usual = "detected" if any(entry.is_detected for entry in found) else "not_detected"
        return LabEntry(
            place=str(self.prefix),
            method=clean["method"],
            outcome=clean["outcome"] or usual,
            findings=found,
            lab=clean["lab"],
            chosen_because=clean["chosen_because"],
            performed_on=clean["performed_on"],
            completed_on=clean["completed_on"],
        )


class ReasonForm(forms.Form):
    """Why a result is corrected or taken back. It is shown to the person who holds the code."""

    reason = forms.CharField(
        label=gettext_lazy("Why"),
        min_length=3,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "reasons"}),
        error_messages={"required": gettext_lazy("Say why. The person who holds the code reads this.")},
    )

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"]
        if found := passages(reason):
            raise forms.ValidationError(says_who(found))
        return reason


def all_are_valid(several: Iterable[forms.Form]) -> bool:
    """Every form is asked, so that everything that is wrong shows at once."""
    verdicts = [form.is_valid() for form in several]
    return all(verdicts)


def _is_filled(form: FindingForm) -> bool:
    return bool(form["name"].value() or form["amount"].value() or form["value"].value())


def read_lots(written: str) -> Mapping[str, list[str]]:
    """Lots by method, as `write_lots` wrote them; nothing where that is not what it is."""
    try:
        found = json.loads(written or "{}")
        return {
            str(method): [str(brand)[:60], str(lot)[:60], date.fromisoformat(until).isoformat() if until else ""]
            for method, (brand, lot, until) in found.items()
        }
    except (AttributeError, TypeError, ValueError):
        return {}


def write_lots(lots: Mapping[str, Sequence[str]]) -> str:
    return json.dumps(lots, separators=(",", ":"))
