"""An alert as a page shows it: made of its frozen payload, in one language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from checking import area_tree, catalogue

from .matching import spoken_classes
from .messages import LANGUAGES, words
from .models import AlertEvent
from .reading import Step

Kind = AlertEvent.Kind
LEVEL_WORDS: Mapping[str, str | Promise] = {
    "notice": gettext_lazy("Notice"),
    "caution": gettext_lazy("Caution"),
    "warning": gettext_lazy("Warning"),
}
RUNG_WORDS: Mapping[str, str | Promise] = {
    "reported": gettext_lazy("Reported; nobody has checked it yet"),
    "presumptive": gettext_lazy("First reading; a lab has not named it yet"),
    "confirmed": gettext_lazy("Confirmed by a lab"),
}
KIND_WORDS: Mapping[str, str | Promise] = {
    Kind.PUBLISHED: gettext_lazy("Published"),
    Kind.UPDATED: gettext_lazy("Updated"),
    Kind.ENDED: gettext_lazy("Ended"),
    Kind.LAPSED: gettext_lazy("Ran out without a second review"),
    Kind.WITHDRAWN: gettext_lazy("Withdrawn: it was wrong"),
}
CLOSING = frozenset({Kind.ENDED, Kind.LAPSED, Kind.WITHDRAWN})
RAN_OUT = "ran_out"  # past its time without an event, as notices end
BLOCKS = ("looks", "found", "signs", "helps", "strips", "dates", "who")


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert, latest version, in the words of one language."""

    id: str
    level: str
    level_word: str
    headline: str
    actions: tuple[str, ...]
    blocks: Mapping[str, tuple[str, ...]]
    areas: tuple[str, ...]  # slugs
    area_names: str
    evidence: str  # one line: how sure, how many
    at: datetime  # of its latest step
    expires: datetime | None
    is_reviewed: bool
    state: str  # current, ran_out, or the kind of its last step
    language: str  # the one its words are in
    sms: str

    @property
    def invitation(self) -> str:
        """The sentence the steps stand under, where the wording still begins with it; it is no step itself."""
        if self.language not in LANGUAGES:
            return ""
        first = str(words(self.language)["actions"]["first"])
        return first if self.actions[:1] == (first,) else ""

    @property
    def steps(self) -> tuple[str, ...]:
        return self.actions[1:] if self.invitation else self.actions

    @property
    def is_past(self) -> bool:
        return self.state != "current"


def show(payload: Mapping[str, Any], *, language: str | None = None) -> Shown:
    """The alert of a payload. Words that are missing in a language come in English, and say so."""
    alert = payload["alert"]
    spoken, text = _text(alert, language or get_language() or "en")
    blocks = text.get("blocks", {})
    expires = _instant(alert.get("expires"))
    return Shown(
        id=alert["id"],
        level=alert["level"],
        level_word=str(LEVEL_WORDS[alert["level"]]),
        headline=blocks.get("headline") or alert["headline"],
        actions=tuple(blocks.get("actions") or alert.get("actions", ())),
        blocks={name: tuple(blocks.get(name, ())) for name in BLOCKS},
        areas=tuple(alert["areas"]),
        area_names=_area_names(alert["areas"]),
        evidence=evidence_line(alert.get("evidence", {})),
        at=datetime.fromisoformat(payload["at"]),
        expires=expires,
        is_reviewed=bool(alert.get("reviewed")),
        state=state_of(payload),
        language=spoken,
        sms=text.get("sms", ""),
    )


def show_steps(steps: Sequence[Step]) -> Shown:
    """What an alert said stays readable under what became of it, in the words it had."""
    said = [step for step in steps if step.kind not in CLOSING]
    return replace(show((said or steps)[-1].payload), state=state_of(steps[-1].payload))


def spoken_of(steps: Sequence[Step]) -> list[str]:
    """Slugs of what an alert is about: its substances, or where it names none, its classes."""
    said = [step for step in steps if step.kind not in CLOSING]
    alert = (said or steps)[-1].payload["alert"]
    return list(alert.get("substances") or spoken_classes((), alert.get("classes", ())))


def subjects_of(slugs: Iterable[str]) -> list[dict[str, str]]:
    """Substances and classes that have a page, by slug and name, each once."""
    known = catalogue.current().subjects
    is_spanish = (get_language() or "").startswith("es")
    found = (known[slug] for slug in dict.fromkeys(slugs) if slug in known)
    return [{"slug": each.slug, "name": each.name_es if is_spanish else each.name} for each in found]


def state_of(payload: Mapping[str, Any]) -> str:
    """What has become of an alert by its latest payload: `current`, `ran_out`, or how it was closed."""
    if payload["kind"] in CLOSING:
        return str(payload["kind"])
    expires = _instant(payload["alert"].get("expires"))
    return RAN_OUT if expires is not None and expires <= timezone.now() else "current"


def evidence_line(evidence: Mapping[str, Any]) -> str:
    """How sure, then how many samples, sites and techniques it rests on."""
    parts = [str(RUNG_WORDS.get(evidence.get("rung", ""), ""))]
    if samples := evidence.get("samples"):
        parts.append(ngettext("%(n)s sample", "%(n)s samples", samples) % {"n": samples})
    if (sites := evidence.get("sites") or 0) > 1:
        parts.append(_("%(n)s sites") % {"n": sites})
    if techniques := evidence.get("techniques"):
        parts.append(ngettext("%(n)s technique", "%(n)s techniques", techniques) % {"n": techniques})
    return " · ".join(part for part in parts if part)


def _text(alert: Mapping[str, Any], language: str) -> tuple[str, Mapping[str, Any]]:
    texts = alert.get("texts", {})
    for code in (language, language.split("-")[0], "en"):
        if code in texts:
            return code, texts[code]
    return "en", {}


def _area_names(slugs: list[str]) -> str:
    tree = area_tree.current(holding=slugs)
    return ", ".join(tree.name(slug) for slug in slugs)


def _instant(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None
