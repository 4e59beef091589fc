"""The gate for free text: does it hold something that could tell who a person is?

`find_identifiers` reads a short text as a person would, whatever the alphabet tricks, and gives where each
e-mail address, telephone number, day of birth, number plate, handle, address or long row of digits stands.
Numbers of chemistry are left alone. No text is kept or logged here.
"""

from collections.abc import Iterable

from .addresses import addresses
from .births import births, days
from .chemistry import covering
from .digits import identity_numbers, long_numbers
from .found import KINDS, Found, Kind
from .handles import handles, numbered_handles
from .mail import mails
from .numbers import spoken
from .plates import plates
from .views import View, read

__all__ = ["KINDS", "Found", "Kind", "find_identifiers"]


def find_identifiers(text: str) -> tuple[Found, ...]:
    """What could identify a person, in order; stretches may overlap where two kinds fit the same words."""
    plain = read(text)
    aloud = spoken(plain)
    covered = plain.covered([*covering(plain), *days(plain)])
    covered_aloud = spoken(covered)
    if covered_aloud is not covered:
        covered_aloud = covered_aloud.covered([*covering(covered_aloud), *days(covered_aloud)])
    seen = {
        *_placed(births(plain), plain),
        *_placed(births(aloud), aloud),
        *_placed(mails(plain), plain),
        *_placed(handles(plain), plain),
        *_placed(numbered_handles(aloud), aloud),
        *_placed(plates(aloud), aloud),
        *_placed(addresses(aloud), aloud),
        *_placed(identity_numbers(aloud), aloud),
        *_placed(long_numbers(covered_aloud, _said(covered_aloud)), covered_aloud),
    }
    return tuple(sorted(seen, key=lambda found: (found.start, found.end, found.kind)))


def _placed(found: "Iterable[Found]", view: View) -> "Iterable[Found]":
    return (Found(each.kind, *view.span(each.start, each.end)) for each in found)


def _said(view: View) -> frozenset[int]:
    """Places of digits that do not stand in the original, but were said in words."""
    return frozenset(
        place for place, sign in enumerate(view.text) if sign.isdigit() and view.ends[place] - view.starts[place] > 1
    )
