"""What someone who listens may ask for, and how a question that cannot be answered is refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from django.utils.translation import gettext as _

from .matching import BadFilter, Filter, UnknownName

FILTER_FIELDS = frozenset({"area", "substance", "level"})
MOST_DIGITS = 18  # a `seq` fits into 63 bits
MOST_FIELDS = 300


class Wish(NamedTuple):
    """What to hear of, and from where on. `after` is None: only what comes."""

    filter: Filter
    after: int | None


def asked_in_query(query: str) -> Wish:
    """Reads the vocabulary, so it needs a thread unless the query is empty. Raises BadFilter."""
    try:
        params = parse_qs(query, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise BadFilter("query", _("The address cannot be read.")) from error
    given = [text for text in params.get("after", []) if text]
    if len(given) > 1:
        raise BadFilter("after", _("This can be given once."))
    return Wish(_filter_of(params), read_after(given[0]) if given else None)


def asked_in_message(message: Mapping[str, Any]) -> Wish:
    """As above, from a `subscribe` message. A field we do not know would be a wish not granted."""
    for field in message:
        if field not in FILTER_FIELDS | {"type", "after"}:
            raise BadFilter(field, _("We do not know this field."))
    after = message.get("after")
    if after is not None and (isinstance(after, bool) or not isinstance(after, int)):
        raise BadFilter("after", _("This has to be a whole number, 0 or more."))
    return Wish(_filter_of(message), None if after is None else read_after(str(after)))


def read_after(text: str) -> int:
    """A `seq` one has heard up to; 0 is before the first. Raises BadFilter."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BadFilter("after", _("This has to be a whole number, 0 or more."))
    return int(text)


def error_of(fault: BadFilter) -> dict[str, Any]:
    """In the one shape errors have everywhere."""
    code = "unknown_name" if isinstance(fault, UnknownName) else "invalid"
    error: dict[str, Any] = {"code": code, "message": fault.message, "fields": {fault.field: [fault.message]}}
    if fault.suggestions:
        error["suggestions"] = {fault.field: list(fault.suggestions)}
    return error


def _filter_of(params: Mapping[str, Any]) -> Filter:
    asked = {field: params[field] for field in sorted(FILTER_FIELDS) if params.get(field)}
    for field, given in asked.items():
        texts = given if isinstance(given, list) else [given]
        # NUL and lone halves of characters are refused here, kindly; a database would break on them.
        if not all(isinstance(text, str) and text.isprintable() for text in texts):
            raise BadFilter(field, _("This has to be a word or a list of words."))
    return Filter.parse(asked) if asked else Filter()
