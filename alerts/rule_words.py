"""What a rule says in its own words, where its reviewers gave it some (docs/rules.md C1). Plain of how it is changed.

A rule speaks of many drugs, and what to do differs by class. Its own words are therefore kept as what
differs from the library: lines left out, lines put in before another, another headline with its gaps.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from . import messages
from .models import RuleWording

OwnWords = Mapping[str, Mapping[str, Any]]  # by language, as `messages.compose` takes them

LISTS = ("actions", "looks", "signs", "helps")  # the rest follows from what was found


def own_words(rule: str) -> OwnWords:
    """What the rule's reviewers wrote last; empty: it speaks in the library's words."""
    words: OwnWords | None = (
        RuleWording.objects.filter(rule=rule).order_by("-pk").values_list("words", flat=True).first()
    )
    return words or {}


def words_sha256(rule: str) -> str:
    """The exact words a rule can speak, in every language. One changed letter is another hash."""
    return sha256_of(rule, own_words(rule))


def sha256_of(rule: str, own: OwnWords) -> str:
    said = _library_sha256(tuple(map(messages.words, messages.LANGUAGES)), rule)
    said += json.dumps(own, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


_hashed: dict[str, tuple[tuple[object, ...], str]] = {}  # by rule: of the library as it was read, made once


def _library_sha256(library: tuple[object, ...], rule: str) -> str:
    of, found = _hashed.get(rule, ((), ""))
    if len(of) != len(library) or any(one is not other for one, other in zip(of, library, strict=True)):
        said = json.dumps([rule, library], sort_keys=True, ensure_ascii=False)
        of, found = library, hashlib.sha256(said.encode()).hexdigest()
        _hashed[rule] = of, found
    return found


def differing(usual: Sequence[str], wanted: Sequence[str]) -> dict[str, Any]:
    """How a list as a person wrote it differs from the library's."""
    kept_usual, kept_wanted = set[int](), set[int]()
    for match in SequenceMatcher(None, usual, wanted, autojunk=False).get_matching_blocks():
        kept_usual.update(range(match.a, match.a + match.size))
        kept_wanted.update(range(match.b, match.b + match.size))
    put_in = []
    for at, line in enumerate(wanted):
        if at not in kept_wanted:
            before = next((wanted[later] for later in range(at + 1, len(wanted)) if later in kept_wanted), "")
            put_in.append([line, before])
    return {"left_out": [line for at, line in enumerate(usual) if at not in kept_usual], "put_in": put_in}
