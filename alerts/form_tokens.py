"""Signs on forms that anyone may send: which form it was, for which alert, and how old. Nothing of who."""

from uuid import UUID, uuid4

from django.core import signing

QUICKEST_SECONDS = 2  # nobody reads a form and answers it faster; a program does
LONGEST_SECONDS = 24 * 60 * 60
TAKEN_BACK_SECONDS = 60 * 60
_FORM, _BACK = "alerts.seen.form", "alerts.seen.back"


class TooQuick(Exception):
    """It comes back sooner than a person could have answered."""


class TooOld(Exception):
    """It is past its time, not ours, or for another alert."""


def new_form(alert: UUID) -> str:
    """A sign for a fresh form about this alert."""
    return _signed(uuid4(), alert, _FORM)


def read_form(sign: str, alert: UUID) -> UUID:
    """The number of the form. Raises TooQuick, TooOld."""
    form = _read(sign, alert, _FORM, LONGEST_SECONDS)
    try:
        signing.loads(sign, salt=_FORM, max_age=QUICKEST_SECONDS)
    except signing.SignatureExpired:
        return form
    raise TooQuick


def way_back(form: UUID, alert: UUID) -> str:
    """A sign that lets whoever holds it take back what this form told, for an hour."""
    return _signed(form, alert, _BACK)


def read_way_back(sign: str, alert: UUID) -> UUID:
    """The number of the form to take back. Raises TooOld."""
    return _read(sign, alert, _BACK, TAKEN_BACK_SECONDS)


def _signed(form: UUID, alert: UUID, salt: str) -> str:
    return signing.dumps([form.hex, alert.hex], salt=salt)


def _read(sign: str, alert: UUID, salt: str, seconds: int) -> UUID:
    try:
        form, of = signing.loads(sign, salt=salt, max_age=seconds)
    except signing.BadSignature as error:
        raise TooOld from error
    if of != alert.hex:
        raise TooOld
    return UUID(form)
