"""The code a person holds to look their result up: made from the sample's id, kept only as a hash.

60 bits in Crockford's base 32, so that a code can be read aloud and typed back with forgiveness.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Sample

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
KEPT_FOR = timedelta(days=90)  # after the last result

_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code_for(sample_id: UUID) -> str:
    """The code of a sample, the same each time, as XXXX-XXXX-XXXX."""
    digest = salted_hmac("headsup.result-code", str(sample_id), algorithm="sha256").digest()
    number = int.from_bytes(digest[:8], "big")
    signs = [ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH)]
    return "-".join("".join(signs[start : start + 4]) for start in range(0, LENGTH, 4))


def hash_of(code: str) -> bytes:
    """What is stored of a code. Keyed: a stolen database alone does not let codes be tried."""
    return salted_hmac("headsup.result-code-hash", folded(code), algorithm="sha256").digest()


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


def is_expired(sample: Sample, *, last: datetime | None = None) -> bool:
    """`last`: when its last result was recorded, where the caller has read that already."""
    last = last or sample.results.aggregate(last=Max("recorded_at"))["last"]
    return timezone.now() > (last or sample.recorded_at) + KEPT_FOR
