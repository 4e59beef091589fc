"""Whether what is said in our name was said by us: for anyone, on any machine, without our database.

    python -m alerts.verify FILE [--keys KEYS] [--signature SIGNATURE]

FILE holds an event as JSON (alone, as a frame of a socket, or as a page of the API), or a CAP message with its
SIGNATURE beside it. KEYS is what `/.well-known/headsup-keys.json` gave; without it, the keys of this installation.
What is signed, and how others can verify it, is in docs/signatures.md.
"""

import argparse
import base64
import binascii
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from lxml import etree  # type: ignore[import-untyped]  # it brings no types

ALGORITHM = "Ed25519"
LIVE, DRILL = "live", "drill"
KID_LENGTH = 16  # letters of the base64url SHA-256 of the public key
MOST_BYTES = 1_000_000  # an event has about ten thousand
CLOCK_SKEW = timedelta(minutes=5)
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"

Keys = Iterable[Mapping[str, Any]]


class NotGenuine(Exception):
    """This is not what we said, or not now; the message says what is wrong with it."""


def verify(
    payload: Any,
    keys: Keys,
    *,
    heard_up_to: int | None = None,
    now: datetime | None = None,
    is_drill: bool | None = None,
) -> None:
    """Raise NotGenuine unless exactly this event was signed with one of these keys.

    `heard_up_to` is the last `seq` already taken from the same stream: what is not past it is said again.
    `now` refuses what has run out, or comes from the future. `is_drill` says which of the two is awaited.
    """
    if not isinstance(payload, Mapping) or not isinstance(payload.get("alert"), Mapping):
        raise NotGenuine("This is no event of an alert.")
    drill = payload["alert"].get("drill")
    if not isinstance(drill, bool):
        raise NotGenuine("It does not say whether it is a drill.")
    if is_drill is not None and drill != is_drill:
        raise NotGenuine("It is a drill." if drill else "It is not a drill.")
    said = {name: value for name, value in payload.items() if name != "signature"}
    try:
        signed = canonical(said)
    except (ValueError, RecursionError) as fault:
        raise NotGenuine(f"It has no canonical form: {fault}") from fault
    verify_bytes(signed, payload.get("signature"), keys, use=DRILL if drill else LIVE)
    _refuse_replay(payload, heard_up_to, now)


def verify_cap(message: bytes, signature: Any, keys: Keys) -> None:
    """Raise NotGenuine unless exactly these bytes of a CAP message were signed with one of these keys."""
    use = DRILL if _status_of(message) == "Exercise" else LIVE
    verify_bytes(message, signature, keys, use=use)


def verify_bytes(signed: bytes, signature: Any, keys: Keys, *, use: str) -> None:
    """Raise NotGenuine unless these bytes were signed with a key of ours for this use, `live` or `drill`."""
    if not isinstance(signature, Mapping) or set(signature) != {"kid", "alg", "value"}:
        raise NotGenuine("It is not signed.")
    if signature["alg"] != ALGORITHM:
        raise NotGenuine(f"It is signed in another way than {ALGORITHM}.")
    key = next((key for key in keys if key.get("kid") == signature["kid"]), None)
    if key is None:
        raise NotGenuine("It is signed with a key that is not ours.")
    if key.get("revoked_at"):
        raise NotGenuine(f"It is signed with a key that was revoked: {key.get('revoked_because') or 'no reason given'}")
    if key.get("use") != use:
        raise NotGenuine(f"It is signed with a key for another use than {use}.")
    public = _from_base64url(key.get("x"), length=32)
    if (key.get("kty"), key.get("crv")) != ("OKP", ALGORITHM) or key_id(public) != key["kid"]:
        raise NotGenuine("The key it is signed with is not what its name says.")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_from_base64url(signature["value"], length=64), signed)
    except InvalidSignature as fault:
        raise NotGenuine("It was changed, or somebody else signed it.") from fault


def read(text: str | bytes) -> Any:
    """JSON as it was sent. A name that is there twice is refused: two readers could take two different values."""
    if len(text) > MOST_BYTES:
        raise NotGenuine("It is too long for an event.")
    try:
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        raise NotGenuine(f"It is not JSON: {fault}") from fault


def canonical(payload: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: canonical JSON of RFC 8785. Raises ValueError for what has none."""
    return rfc8785.dumps(dict(payload))


def key_id(public: bytes) -> str:
    """The name of a public key: it follows from the key, so that nobody can give one key another's name."""
    return to_base64url(hashlib.sha256(public).digest())[:KID_LENGTH]


def to_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_base64url(text: Any, *, length: int) -> bytes:
    """Raises NotGenuine unless it is the one way of writing so many bytes: the last letter has room to spare."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (TypeError, ValueError, binascii.Error) as fault:
        raise NotGenuine("Its signature or key cannot be read.") from fault
    if len(raw) != length or to_base64url(raw) != text:
        raise NotGenuine("Its signature or key is not written as it should be.")
    return raw


def _refuse_replay(payload: Mapping[str, Any], heard_up_to: int | None, now: datetime | None) -> None:
    if heard_up_to is not None and payload["seq"] <= heard_up_to:
        raise NotGenuine("It was said before.")
    if now is None:
        return
    if datetime.fromisoformat(payload["at"]) > now + CLOCK_SKEW:
        raise NotGenuine("It comes from the future.")
    # What closes an alert stays true; what it said before does not.
    if payload["kind"] in {"published", "updated"} and datetime.fromisoformat(payload["alert"]["expires"]) <= now:
        raise NotGenuine("Its time is over.")


def _status_of(message: bytes) -> str:
    """The status of a CAP message. Nothing outside of it is ever read."""
    if len(message) > MOST_BYTES:
        raise NotGenuine("It is too long for a CAP message.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(message, parser)
    except (etree.XMLSyntaxError, ValueError) as fault:
        raise NotGenuine(f"It is not XML: {fault}") from fault
    if root.getroottree().docinfo.doctype:
        raise NotGenuine("A CAP message declares nothing.")
    if root.tag != f"{CAP}alert":
        raise NotGenuine("It is no CAP message.")
    return root.findtext(f"{CAP}status") or ""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


# On the command line


def main(arguments: list[str] | None = None) -> int:
    """0 where everything in the file is genuine, else 1; both are said in words."""
    asked = _asked(arguments)
    try:
        keys = read(asked.keys.read_bytes())["keys"] if asked.keys else _our_keys()
        content = asked.file.read_bytes()
        if content.lstrip().startswith(b"<"):
            verify_cap(content, read(asked.signature.read_bytes()) if asked.signature else None, keys)
            count = 1
        else:
            events = _events_in(read(content))
            for event in events:
                verify(event, keys)
            count = len(events)
    except NotGenuine as fault:
        sys.stdout.write(f"REFUSED: {fault}\n")
        return 1
    sys.stdout.write(f"Genuine: {count}\n")
    return 0


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m alerts.verify", description="Is this what was said?")
    parser.add_argument("file", type=Path, help="an event as JSON, a page of events, or a CAP message")
    parser.add_argument("--keys", type=Path, help="what /.well-known/headsup-keys.json gave")
    parser.add_argument("--signature", type=Path, help="what cap.sig gave, for a CAP message")
    return parser.parse_args(arguments)


def _events_in(found: Any) -> list[Any]:
    """The events of a file: one, or that of a frame, or those of a page. Raises NotGenuine where there is none."""
    if not isinstance(found, Mapping):
        raise NotGenuine("This is no event of an alert.")
    if "results" in found:
        if not isinstance(found["results"], list) or not found["results"]:
            raise NotGenuine("There is no event in it.")
        return found["results"]
    return [found["event"] if found.get("type") == "event" else found]


def _our_keys() -> list[dict[str, Any]]:
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from .signing import published_keys

    return published_keys()


if __name__ == "__main__":
    sys.exit(main())
