"""Bytes to bodies. Whatever JSON would let slip by is refused here, with the field's name.

msgspec is strict about types and unknown keys; it does not see duplicate keys or NUL, and deep
nesting ends in a RecursionError. One scan before it does.
"""

import json
import re
from typing import Any, TypeVar

import msgspec

DEEPEST = 20

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_PATH = re.compile(r" - at `(?P<path>[^`]*)`$")
_NAMED = re.compile(r"(?:unknown|required) field `(?P<name>[^`]*)`")
_STEP = re.compile(r"\.(?P<key>[A-Za-z_][A-Za-z_0-9]*)|\[(?P<index>\d+|\.\.\.)\]")

T = TypeVar("T", bound=msgspec.Struct)


class NotABody(ValueError):
    """What came is not the body it should be. `fields` maps paths to what is wrong there."""

    def __init__(self, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.fields = fields or {}


def decode(raw: bytes, shape: type[T]) -> T:
    """A body of this shape. Raises NotABody naming at least the first bad field."""
    refuse_deep(raw)
    refuse_slips(raw)
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        path, message = where(str(error))
        raise NotABody(f"{path or 'The body'}: {message}", {path or "": [message]}) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotABody(f"This is not JSON: {error}.") from error


def refuse_deep(raw: bytes) -> None:
    """Refuse nesting that no body of ours has, before anything recursive sees it."""
    depth = 0
    for match in _STRUCTURE.finditer(raw):
        sign = raw[match.start()]
        if sign in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise NotABody(f"This is nested deeper than {DEEPEST} levels.")
        elif sign in b"]}":
            depth -= 1


def refuse_slips(raw: bytes) -> None:
    """Refuse duplicate keys, NaN and NUL, which other readers of JSON would let pass."""
    try:
        json.loads(raw, object_pairs_hook=_no_duplicates, parse_constant=_no_constants)
    except NotABody:
        raise
    except ValueError as error:
        raise NotABody("This is not JSON.") from error
    if b"\\u0000" in raw or b"\0" in raw:
        raise NotABody("A text holds the sign NUL, which cannot be stored.")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotABody(f"The key {key[:60]} is there twice.", {key[:60]: ["This key is there twice."]})
        found[key] = value
    return found


def _no_constants(name: str) -> None:
    raise NotABody(f"{name} is not a number that can be stored.")


def where(message: str) -> tuple[str, str]:
    """A path such as `results.0.method`, and the message without it."""
    found = _PATH.search(message)
    text = message[: found.start()] if found else message
    steps = [step["key"] if step["key"] else step["index"] for step in _STEP.finditer(found["path"] if found else "")]
    named = _NAMED.search(text)
    if named:
        steps.append(named["name"])
    return ".".join(steps), text
