"""Giving a rule words of its own: by a reviewer, through the word check, to be approved by two anew."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checking.models import Network, User

from . import messages, objecting, rule_words, word_check
from .approving import NotAllowed, NotReleased
from .models import RuleWording
from .rule_approvals import example_facts, example_of, may_approve_rules
from .rule_words import LISTS, OwnWords
from .rules import KINDS

GAPS = ("expected", "found", "amount")  # what a headline leaves open for the notice to fill
MOST_LINES = 12
LONGEST_LINE = 300


class NotSound(ValueError):
    """Words a rule cannot speak. The message says which and why."""


@dataclass(frozen=True)
class Typed:
    """One language's words as a person wrote them: whole lists, for the example the page shows."""

    headline: str
    headline_unknown: str
    steps: str
    lists: Mapping[str, Sequence[str]]


def typed_now(rule: str, own: OwnWords) -> dict[str, Typed]:
    """What the boxes hold: the library's words, with what the rule's reviewers changed."""
    blocks = example_of(rule, own, timezone.now())["blocks"]
    found = {}
    for language in messages.LANGUAGES:
        usual, mine = messages.words(language), own.get(language, {})
        found[language] = Typed(
            headline=mine.get("headline") or usual["headline"][KINDS[rule]],
            headline_unknown=mine.get("headline_unknown") or usual["headline_unknown"][KINDS[rule]],
            steps=mine.get("steps") or usual["sms_steps"][_steps_of(rule)],
            lists={name: blocks[language][name] for name in LISTS},
        )
    return found


def own_of(rule: str, typed: Mapping[str, Typed]) -> OwnWords:
    """What of it differs from the library. Raises NotSound for a headline whose gaps cannot be filled."""
    usual = typed_now(rule, {})
    own = {language: _difference(rule, usual[language], each) for language, each in typed.items()}
    return {language: each for language, each in own.items() if each}


def objections_to(rule: str, own: OwnWords) -> list[word_check.Objection]:
    body = example_of(rule, own, timezone.now())
    return objecting.objections_to(body, level="notice")


@transaction.atomic
def reword(rule: str, own: OwnWords, *, shown: str, by: User, because: str) -> RuleWording:
    """Let a rule speak in these words once two people approved them. `shown`: the hash of the words they replace."""
    if not may_approve_rules(by):
        raise NotAllowed(_("Only a reviewer or a community reviewer of the whole network can do this."))
    Network.objects.select_for_update().get(pk=Network.current().pk)  # one at a time
    if shown != rule_words.words_sha256(rule):
        raise NotReleased(_("The words have changed since they were shown. Please read them again."))
    if len(because.strip()) < 3:
        raise NotSound(_("Say why, so that others can follow."))
    if rule_words.sha256_of(rule, own) == shown:
        raise NotSound(_("These are the words it has already."))
    for objection in word_check.must_mend(objections_to(rule, own)):
        raise NotSound(f"“{objection.found}”: {objection.why(get_language() or 'en')}")
    return RuleWording.objects.create(rule=rule, words=own, by=by, because=because.strip()[:300])


def history(rule: str) -> list[RuleWording]:
    return list(RuleWording.objects.filter(rule=rule).select_related("by").order_by("-pk")[:20])


def _difference(rule: str, usual: Typed, typed: Typed) -> dict[str, Any]:
    needed = ("amount", "found") if KINDS[rule] == "amount" else ("found",)
    _require_gaps(typed.headline, (*needed, "expected"), _("headline"))
    _require_gaps(typed.headline_unknown, needed, _("headline where nobody could name it"))
    lists = {}
    for name in LISTS:
        lines = typed.lists.get(name, ())
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            raise NotSound(
                _("A list has up to %(lines)s lines of %(letters)s letters.")
                % {"lines": MOST_LINES, "letters": LONGEST_LINE}
            )
        difference = rule_words.differing(usual.lists[name], lines)
        if difference["left_out"] or difference["put_in"]:
            lists[name] = difference
    texts = {
        name: getattr(typed, name)
        for name in ("headline", "headline_unknown", "steps")
        if getattr(typed, name) != getattr(usual, name)
    }
    return {**texts, **({"lists": lists} if lists else {})}


def _require_gaps(template: str, needed: Sequence[str], name: str) -> None:
    """Only the gaps there are, bare: what is typed here is filled in later, and may neither break nor reach further."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise NotSound(_("The %(name)s has a bracket without its other half.") % {"name": name}) from error
    gaps = [(gap, how, turn) for _text, gap, how, turn in parts if gap is not None]
    if any(gap not in GAPS or how or turn for gap, how, turn in gaps):
        raise NotSound(
            _("The %(name)s may leave open: %(gaps)s.")
            % {"name": name, "gaps": ", ".join(f"{{{gap}}}" for gap in GAPS)}
        )
    missing = [gap for gap in needed if gap not in {each for each, _how, _turn in gaps}]
    if missing:
        raise NotSound(_("The %(name)s has to hold {%(gap)s}.") % {"name": name, "gap": missing[0]})


def _steps_of(rule: str) -> str:
    return messages.steps_of(example_facts(rule, timezone.now()))
