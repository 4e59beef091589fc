"""Signing what we say with Ed25519, so that it can be told from what others say in our name.

The private keys follow from `SIGNING_SEED` and are never in the database. Drills have a key of their own: what is
signed with it verifies as nothing but a drill. How to verify is in docs/signatures.md and `alerts.verify`.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import SigningKey
from .verify import ALGORITHM, DRILL, LIVE, NotGenuine, canonical, key_id, to_base64url, verify, verify_cap

__all__ = ["NotGenuine", "UnknownKey", "published_keys", "revoke", "sign", "signed", "verify", "verify_cap"]

logger = logging.getLogger(__name__)


class UnknownKey(Exception):
    """There is no key of this name."""


class Pair(NamedTuple):
    """A private key, and its public one as it is listed."""

    private: Ed25519PrivateKey
    kid: str
    public_key: str  # base64url


def signed(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload with its signature, as plain JSON: what a reader gets back is what was signed, number for number.

    The caller is in the transaction that freezes it.
    """
    said: dict[str, Any] = json.loads(canonical(payload))
    return {**said, "signature": sign(canonical(said), is_drill=said["alert"]["drill"])}


def sign(message: bytes, *, is_drill: bool) -> dict[str, str]:
    pair = _pair(bytes(settings.SIGNING_SEED), is_drill)
    key = _listed(pair, is_drill=is_drill)
    if key.revoked_at is not None:
        # People need the alert all the same; programs that verify will refuse it until there is a new seed.
        logger.error("The signing key %s was revoked and is still in use: set a new SIGNING_SEED", pair.kid)
    return {"kid": pair.kid, "alg": ALGORITHM, "value": to_base64url(pair.private.sign(message))}


def published_keys() -> list[dict[str, Any]]:
    """All public keys there ever were, as JSON Web Keys (RFC 8037), the oldest first."""
    for is_drill in (False, True):
        _listed(_pair(bytes(settings.SIGNING_SEED), is_drill), is_drill=is_drill)
    return [
        {
            "kid": key.kid,
            "kty": "OKP",
            "crv": ALGORITHM,
            "x": key.public_key,
            "use": DRILL if key.is_drill else LIVE,
            "since": _instant(key.since),
            "retired_at": _instant(key.retired_at),
            "revoked_at": _instant(key.revoked_at),
            "revoked_because": key.revoked_because,
        }
        for key in SigningKey.objects.all()
    ]


@transaction.atomic
def revoke(kid: str, *, because: str) -> SigningKey:
    """Nothing this key signed is to be trusted any more. Raises UnknownKey. Once revoked, it stays so."""
    key = SigningKey.objects.select_for_update().filter(kid=kid).first()
    if key is None:
        raise UnknownKey(kid)
    if key.revoked_at is None:
        key.revoked_at, key.revoked_because = timezone.now(), because[:300]
        key.save(update_fields=["revoked_at", "revoked_because"])
    return key


def is_in_use(key: SigningKey) -> bool:
    """True for the key that the seed of today gives."""
    return _pair(bytes(settings.SIGNING_SEED), key.is_drill).kid == key.kid


@lru_cache(maxsize=8)
def _pair(seed: bytes, is_drill: bool) -> Pair:
    """Live and drill are derived apart (HKDF-SHA256, RFC 5869): neither tells anything of the other."""
    info = f"headsup alerts {DRILL if is_drill else LIVE} 1".encode()
    private = Ed25519PrivateKey.from_private_bytes(
        HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(seed)
    )
    public = private.public_key().public_bytes_raw()
    return Pair(private, key_id(public), to_base64url(public))


def _listed(pair: Pair, *, is_drill: bool) -> SigningKey:
    """The row of this key, made when it is first used; the one used before it is retired then.

    Asked anew each time, by one indexed read: a row that was rolled back with its transaction is made again.
    Of two processes that make it at once, one finds the other's.
    """
    key = SigningKey.objects.filter(kid=pair.kid).first()
    if key is not None and key.retired_at is None:
        return key
    now = timezone.now()
    with transaction.atomic():
        key, is_new = SigningKey.objects.get_or_create(
            kid=pair.kid, defaults={"is_drill": is_drill, "public_key": pair.public_key, "since": now}
        )
        if not is_new and key.retired_at is not None:  # the former seed is back
            key.retired_at = None
            key.save(update_fields=["retired_at"])
        others = SigningKey.objects.filter(is_drill=is_drill, retired_at__isnull=True).exclude(pk=key.pk)
        others.update(retired_at=now)
    return key


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.replace(microsecond=0).isoformat()
