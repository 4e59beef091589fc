"""The code a person holds to look their result up: made from the sample's id, kept only as a hash.

60 bits in Crockford's base 32, so that a code can be read aloud and typed back with forgiveness.
"""

import hmac
from base64 import b32encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Sample

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
KEPT_FOR = timedelta(days=90)  # after the last result

_TO_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ALPHABET)  # from the base 32 of RFC 4648
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_for(sample_id: UUID) -> str:
    """The code of a sample, the same each time, as XXXX-XXXX-XXXX."""
    digest = _keyed_hash("headsup.result-code", str(sample_id))
    signs = b32encode(digest[:10])[:LENGTH].decode().translate(_TO_CROCKFORD)
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def hash_of(code: str) -> bytes:
    """What is stored of a code. Keyed: a stolen database alone does not let codes be tried."""
    return _keyed_hash("headsup.result-code-hash", folded(code))


def _keyed_hash(salt: str, text: str) -> bytes:
    """As Django's `salted_hmac`, whose making of the key is half of the work, and the same each time."""
    keyed = _keyed(salt, settings.SECRET_KEY).copy()
    keyed.update(text.encode())
    return keyed.digest()


@cache
def _keyed(salt: str, secret: str) -> hmac.HMAC:
    return salted_hmac(salt, "", secret=secret, algorithm="sha256")


def folded(code: str) -> str:
    """A code as typed, made comparable: case, spaces, dashes, O for 0 and I or L for 1 forgiven."""
    return "".join(sign for sign in code.upper() if sign.isalnum()).translate(_FORGIVEN)


def find_sample(code: str) -> Sample | None:
    """The sample a code opens; None alike for a wrong code and one past its time."""
    sample = Sample.objects.filter(code_hash=hash_of(code)).first()
    return None if sample is None or is_expired(sample) else sample


def code_of(sample: Sample, *, last: datetime | None = None) -> str | None:
    """The code of a sample; None where it has none (history) or its time is over. `last` as in `is_expired`."""
    return None if sample.code_hash is None or is_expired(sample, last=last) else code_for(sample.id)


def codes_of(ids: Iterable[UUID]) -> dict[UUID, str | None]:
    """The same for many samples, in one query."""
    samples = Sample.objects.filter(pk__in=ids).annotate(last=Max("results__recorded_at"))
    return {sample.id: code_of(sample, last=sample.last or sample.recorded_at) for sample in samples}


def is_expired(sample: Sample, *, last: datetime | None = None) -> bool:
    """`last`: when its last result was recorded, where the caller has read that already."""
    last = last or sample.results.aggregate(last=Max("recorded_at"))["last"]
    return timezone.now() > (last or sample.recorded_at) + KEPT_FOR
