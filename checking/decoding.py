"""Bytes to bodies. Whatever JSON would let slip by is refused here, with the field's name.

msgspec is strict about types and unknown keys; it does not see duplicate keys or NUL, and deep
nesting ends in a RecursionError. One scan before it does.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar

import msgspec

from .bodies import SAID_PLAINLY

DEEPEST = 20

_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_PATH = re.compile(r" - at `(?P<path>[^`]*)`$")
_REGEX = re.compile(r"^Expected `str` matching regex (?P<pattern>'.*')$", re.DOTALL)
_PLAIN = {repr(pattern): said for pattern, said in SAID_PLAINLY.items()}
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # after an even number of backslashes it is an escape
_UNSTORABLE = re.compile("[\\0\\ud800-\\udfff]")  # NUL, and surrogates without their other half
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
    try:
        if has_each_key_once(raw):
            return msgspec.json.decode(raw, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass  # what is wrong is said below
    read = refuse_slips(raw)
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.ValidationError as error:
        path, message = where(str(error))
        raise _not_a_body(path, message) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if slip := next(_slips(read), None):
            raise _not_a_body(*slip) from error
        raise NotABody(f"This is not JSON: {error}.") from error


def _not_a_body(path: str, message: str) -> NotABody:
    return NotABody(f"{path or 'The body'}: {message}", {path: [message]} if path else None)


def refuse_deep(raw: bytes) -> None:
    """Refuse nesting that no body of ours has, before anything recursive sees it."""
    if raw.count(b"[") + raw.count(b"{") <= DEEPEST:
        return  # as almost all: too few to be that deep
    depth = 0
    for match in _STRUCTURE.finditer(raw):
        sign = raw[match.start()]
        if sign in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise NotABody(f"This is nested deeper than {DEEPEST} levels.")
        elif sign in b"]}":
            depth -= 1


def has_each_key_once(raw: bytes) -> bool:
    """True where that is plain to see, and no NUL is there: as many colons as keys that are left after reading.

    A quick look that spares the slow one. False says nothing: a text may hold a colon.
    """
    return b"\\u0000" not in raw and raw.count(b":") == _keys(msgspec.json.decode(raw))


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def refuse_slips(raw: bytes) -> Any:
    """Refuse duplicate keys, NaN and NUL, which other readers of JSON would let pass. Gives what was read."""
    slipped = False

    def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal slipped
        found: dict[str, Any] = {}
        for key, value in pairs:
            slipped = slipped or key in found
            found[key] = Slip("This key is there twice.") if key in found else value
        return found

    def no_constants(name: str) -> Slip:
        nonlocal slipped
        slipped = True
        return Slip(f"{name} is not a number that can be stored.")

    try:
        read = json.loads(raw, object_pairs_hook=no_duplicates, parse_constant=no_constants)
    except ValueError as error:
        raise NotABody("This is not JSON.") from error
    if slipped or (b"\\u0000" in raw and _NUL.search(raw)):
        raise _not_a_body(*next(_slips(read)))
    return read


class Slip(NamedTuple):
    """Stands where something was that cannot be stored, and says why."""

    why: str


def _slips(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where something stands that cannot be stored, and why. No deeper than `refuse_deep` lets pass."""
    if isinstance(value, Slip):
        yield path, value.why
    elif isinstance(value, str) and (unstorable := _UNSTORABLE.search(value)):
        yield path, "This text holds " + ("the sign NUL" if unstorable[0] == "\0" else "half a sign") + "."
    elif isinstance(value, dict):
        for key, item in value.items():
            below = f"{path}.{key[:60]}" if path else key[:60]
            if _UNSTORABLE.search(key):
                yield path, "A key holds a sign that cannot be stored."
            yield from _slips(item, below)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _slips(item, f"{path}.{place}" if path else f"{place}")


def where(message: str) -> tuple[str, str]:
    """A path such as `results.0.method`, and the message without it."""
    found = _PATH.search(message)
    text = message[: found.start()] if found else message
    if pattern := _REGEX.search(text):
        text = _PLAIN.get(pattern["pattern"], text)
    steps = [step["key"] if step["key"] else step["index"] for step in _STEP.finditer(found["path"] if found else "")]
    named = _NAMED.search(text)
    if named:
        steps.append(named["name"])
    return ".".join(steps), text
