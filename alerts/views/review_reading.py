"""Signals and alerts as the review pages show them: what they rest on, and the exact words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language

from checking import catalogue
from checking.models import Result
from checking.reading_rows import read_samples

from .. import gsm7, judging, messages
from ..approving import still_counting
from ..desk import ABOUT_AN_ALERT
from ..models import Alert, AlertContent, Approval, Signal
from ..rights import Rights
from ..showing import LEVEL_WORDS, RUNG_WORDS
from ..sightings import RULE
from .review_words import HELD_BACK, RULES, STATES
from .seen_words import how_many
from .staff_words import FORMS, doubt_words, listed_names, method_name, short_line, subject_name

LANGUAGE_NAMES = {"en": "English", "es": "Español"}  # each in its own language


@dataclass(frozen=True)
class SignalRow:
    """A signal as the lists show it."""

    row: Signal
    rule: str
    subject: str
    expected: str
    rung: str
    held_back: list[str]
    summary: str
    about: str  # the headline of the alert it is about; empty: it is about none

    @property
    def is_told(self) -> bool:
        """People told it: there is no result behind it, and no alert to be made of it."""
        return self.row.rule == RULE


@dataclass(frozen=True)
class Evidence:
    """One result a signal or alert rests on, without who or when to the hour."""

    method: str
    short: str
    expected: str
    form: str
    site: str
    on: Any
    still_stands: bool
    doubt: str  # empty: nothing speaks against it


@dataclass(frozen=True)
class Wording:
    """The exact words in one language, as they would be sent."""

    language: str
    language_name: str
    headline: str
    parts: list[tuple[str, list[str]]]  # heading, lines
    sms: str
    segments: int


def wordings(content: AlertContent) -> list[Wording]:
    return [wording(language, block) for language, block in content.body["blocks"].items()]


def wording(language: str, block: Mapping[str, Any]) -> Wording:
    headings = messages.words(language if language in messages.LANGUAGES else "en")["headings"]
    parts = [(headings[name], list(block[name])) for name in messages.BLOCKS if block.get(name)]
    name = LANGUAGE_NAMES.get(language, language)
    return Wording(language, name, block["headline"], parts, block["sms"], gsm7.segments(block["sms"]))


def evidence_of(result_ids: Iterable[Any]) -> list[Evidence]:
    """The results something rests on, with what their samples were taken for. Those that fell are counted apart."""
    language = get_language() or "en"
    rows = Result.objects.filter(pk__in=list(result_ids)).select_related("site")
    samples = {sample.id: sample for sample in read_samples(dict.fromkeys(row.sample_id for row in rows))}
    found = []
    for row in rows:
        sample = samples[str(row.sample_id)]
        result = next((each for each in sample.results if each.id == str(row.pk)), None)
        found.append(
            Evidence(
                method=method_name(result.method, language) if result else "",
                short=short_line(result, language) if result else "",
                expected=listed_names(sample.expected, language),
                form=str(FORMS[sample.form]),
                site=row.site.name,
                on=row.completed_on or row.performed_on,
                still_stands=result is not None,
                doubt=doubt_words(result, language) if result else "",
            )
        )
    return found


def signal_row(row: Signal, headlines: Mapping[Any, str] = MappingProxyType({})) -> SignalRow:
    """`headlines`: of the alerts that signals are about, where the list shows them."""
    known, language = catalogue.current().subjects, get_language() or "en"
    named = row.named
    return SignalRow(
        row=row,
        rule=str(RULES.get(row.rule, row.rule)),
        subject=subject_name(known[named.slug], language) if named is not None and named.slug in known else "",
        expected=listed_names((known[slug] for slug in row.expected.split(",") if slug in known), language),
        rung=str(RUNG_WORDS.get(row.rung, row.rung)),
        held_back=[str(HELD_BACK.get(code, code)) for code in row.held_back_by],
        summary=summary_of(row),
        about=headlines.get(row.alert_id, "") if row.rule in ABOUT_AN_ALERT else "",
    )


def headlines_of(rows: Iterable[Signal]) -> dict[Any, str]:
    """The headlines of the alerts these signals are about, by alert: one query for all of them."""
    alerts = {row.alert_id for row in rows if row.rule in ABOUT_AN_ALERT}
    contents = AlertContent.objects.filter(alert__in=alerts).order_by("version") if alerts else ()
    return {content.alert_id: headline_of(content) for content in contents}


def summary_of(row: Signal) -> str:
    """What was noticed, in one line."""
    return how_many(row.counts) if row.rule == RULE else row.summary


def headline_of(content: AlertContent) -> str:
    blocks = content.body["blocks"]
    return str(blocks.get(get_language() or "en", blocks["en"])["headline"])


def told_of(alert: Alert) -> list[SignalRow]:
    """What people told of this alert, the latest week first."""
    return [signal_row(row) for row in alert.signals.filter(rule=RULE).order_by("-on", "-pk")]


def summaries(alerts: Sequence[Alert]) -> list[dict[str, Any]]:
    """Each alert in a line of a list: five queries for all of them."""
    contents = AlertContent.objects.filter(alert__in=alerts).order_by("version")
    newest = {content.alert_id: content for content in contents}
    given: dict[int, list[Approval]] = {content.pk: [] for content in newest.values()}
    for approval in Approval.objects.filter(content__in=given).order_by("pk"):
        given[approval.content_id].append(approval)
    rights = Rights(each.by_id for approvals in given.values() for each in approvals)
    return [_summary(alert, newest[alert.pk], given[newest[alert.pk].pk], rights) for alert in alerts]


def _summary(alert: Alert, content: AlertContent, given: Sequence[Approval], rights: Rights) -> dict[str, Any]:
    return {
        "alert": alert,
        "level": content.level,
        "level_word": LEVEL_WORDS[content.level],
        "headline": headline_of(content),
        "missing": judging.what_lacks(content, still_counting(given, alert.area, rights)),
        "state_word": STATES[alert.state],
    }
