"""The gate for free text: does it hold something that could tell who a person is?

`find_identifiers` reads a short text as a person would, whatever the alphabet tricks, and gives where each
e-mail address, telephone number, day of birth, number plate, handle, address or long row of digits stands.
Numbers of chemistry are left alone. No text is kept or logged here.
"""

from collections.abc import Iterable, Iterator

from .addresses import addresses
from .births import births, days
from .chemistry import covering, covering_said, registry_numbers
from .digits import identity_numbers, long_numbers
from .found import KINDS, Found, Kind
from .handles import handles, numbered_handles
from .mail import mails
from .misspelt import mended
from .numbers import spoken
from .plates import plates
from .triggers import is_worth_a_look
from .views import View, readings

__all__ = ["KINDS", "Found", "Kind", "find_identifiers"]


def find_identifiers(text: str) -> tuple[Found, ...]:
    """What could identify a person, in order; stretches may overlap where two kinds fit the same words."""
    seen = {found for view in readings(text) for found in _in(mended(view))}
    return tuple(sorted(seen, key=lambda found: (found.start, found.end, found.kind)))


def _in(plain: View) -> Iterator[Found]:
    aloud = spoken(plain)
    if not is_worth_a_look(aloud):
        return
    work = [plain.span(*stretch) for stretch in (*covering(plain), *days(plain))]
    covered = aloud.hiding(work)
    if aloud is not plain:
        covered = covered.covered([*covering_said(covered), *days(covered)])
        yield from _placed(births(plain), plain)
    yield from _placed(births(aloud), aloud)
    yield from _placed(mails(plain), plain)
    yield from _placed(handles(plain), plain)
    yield from _placed(numbered_handles(aloud), aloud)
    without_cas = aloud.hiding([plain.span(*stretch) for stretch in registry_numbers(plain)])
    yield from _placed(plates(without_cas), without_cas)
    yield from _placed(addresses(without_cas), without_cas)
    yield from _placed(identity_numbers(aloud), aloud)
    yield from _placed(long_numbers(covered, _said(covered)), covered)


def _placed(found: Iterable[Found], view: View) -> Iterator[Found]:
    return (Found(each.kind, *view.span(each.start, each.end)) for each in found)


def _said(view: View) -> frozenset[int]:
    """Places of digits that do not stand in the original, but were said in words."""
    return frozenset(
        place for place, sign in enumerate(view.text) if sign.isdigit() and view.ends[place] - view.starts[place] > 1
    )
