"""Whether what is said in our name was said by us: for anyone, on any machine, without our database.

    python -m alerts.verify FILE [--keys KEYS] [--signature SIGNATURE] [--after SEQ] [--at TIME | --history] [--drill]

FILE holds an event as JSON (alone, as a frame of a socket, or as a page of the API), or a CAP message with its
SIGNATURE beside it. KEYS is what `/.well-known/headsup-keys.json` gave; without it, the keys of this installation.
What is signed, and how others can verify it, is in docs/signatures.md. The command is `alerts.verify_command`.
"""

import base64
import binascii
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

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
CAP_IDENTIFIER = re.compile(r"(?P<drill>drill\.)?[0-9a-f-]{36}\.(?P<seq>[0-9]{1,19})")  # as `cap.identifier` writes it

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
    is_history: bool = False,
) -> None:
    """Raise NotGenuine unless exactly this event was signed with one of these keys.

    `heard_up_to` is the last `seq` already taken from the same stream: what is not past it is said again.
    `now` refuses what has run out, or comes from the future. `is_drill` says which of the two is awaited.
    `is_history` takes what has run out as well: it was said, whatever holds now.
    """
    if not isinstance(payload, Mapping) or not isinstance(payload.get("alert"), Mapping):
        raise NotGenuine("This is no event of an alert.")
    drill = payload["alert"].get("drill")
    if not isinstance(drill, bool):
        raise NotGenuine("It does not say whether it is a drill.")
    _refuse_other_stream(drill, is_drill)
    said = {name: value for name, value in payload.items() if name != "signature"}
    try:
        signed = canonical(said)
    except (ValueError, RecursionError) as fault:
        raise NotGenuine(f"It has no canonical form: {fault}") from fault
    key = verify_bytes(signed, payload.get("signature"), keys, use=DRILL if drill else LIVE)
    if "at" in payload:
        _refuse_key_of_another_time(key, datetime.fromisoformat(payload["at"]))
    if heard_up_to is not None and payload["seq"] <= heard_up_to:
        raise NotGenuine("It was said before.")
    if now is not None:
        # What closes an alert stays true; what it said before does not.
        is_open = payload["kind"] in {"published", "updated"}
        expires = datetime.fromisoformat(payload["alert"]["expires"]) if is_open and not is_history else None
        _refuse_other_time(datetime.fromisoformat(payload["at"]), expires, now)


def verify_cap(
    message: bytes,
    signature: Any,
    keys: Keys,
    *,
    heard_up_to: int | None = None,
    now: datetime | None = None,
    is_drill: bool | None = None,
    is_history: bool = False,
) -> None:
    """Raise NotGenuine unless exactly these bytes of a CAP message were signed with one of these keys.

    The rest as for `verify`, but that a message of CAP runs out of itself, whatever it says.
    """
    root = _root_of(message)
    drill = root.findtext(f"{CAP}status") == "Exercise"
    _refuse_other_stream(drill, is_drill)
    key = verify_bytes(message, signature, keys, use=DRILL if drill else LIVE)
    if (heard_up_to, now, is_drill) == (None, None, None):
        return  # only who said it was asked
    said = _read_cap(root, drill)
    _refuse_key_of_another_time(key, said.at)
    if heard_up_to is not None and said.seq <= heard_up_to:
        raise NotGenuine("It was said before.")
    if now is not None:
        _refuse_other_time(said.at, None if is_history else said.expires, now)


def read_cap(message: bytes) -> "CapSaid":
    """What a CAP message of ours says of itself. Raises NotGenuine where it is none."""
    root = _root_of(message)
    return _read_cap(root, root.findtext(f"{CAP}status") == "Exercise")


class CapSaid(NamedTuple):
    """The envelope of a CAP message."""

    seq: int
    kind: str  # Alert, Update, Cancel
    status: str  # Actual, Exercise, Test
    at: datetime
    expires: datetime


def verify_bytes(signed: bytes, signature: Any, keys: Keys, *, use: str) -> Mapping[str, Any]:
    """The key that signed these bytes. Raises NotGenuine unless it is ours for this use, `live` or `drill`."""
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
    return key


def read(text: str | bytes) -> Any:
    """JSON as it was sent. Raises NotGenuine for what two readers could take for two different things.

    That is a name that is there twice, and a whole number written as a fraction: 1.0 is an integer to some only.
    """
    if len(text) > MOST_BYTES:
        raise NotGenuine("It is too long for an event.")
    try:
        return json.loads(text, object_pairs_hook=_each_once, **_AS_WRITTEN)
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


def _refuse_other_stream(drill: bool, is_drill: bool | None) -> None:
    if is_drill is not None and drill != is_drill:
        raise NotGenuine("It is a drill: an exercise; nothing was found." if drill else "It is not a drill.")


def _refuse_key_of_another_time(key: Mapping[str, Any], at: datetime) -> None:
    """A key signs from when it was made until it is retired, give or take the clocks of two machines."""
    try:
        since, retired = (
            datetime.fromisoformat(key[name]) if key.get(name) else None for name in ("since", "retired_at")
        )
        is_early = since is not None and at < since - CLOCK_SKEW
        is_late = retired is not None and at > retired + CLOCK_SKEW
    except (TypeError, ValueError) as fault:
        raise NotGenuine("The key it is signed with does not say from when to when it was ours.") from fault
    if is_early:
        raise NotGenuine("It is signed with a key that was not yet ours when it was said.")
    if is_late:
        raise NotGenuine("It is signed with a key that was retired when it was said.")


def _refuse_other_time(at: datetime, expires: datetime | None, now: datetime) -> None:
    """`expires` is None where it is not asked whether its time is over."""
    if at > now + CLOCK_SKEW:
        raise NotGenuine("It comes from the future.")
    if expires is not None and expires <= now:
        raise NotGenuine("Its time is over.")


def _root_of(message: bytes) -> Any:
    """The element of a CAP message. Nothing outside of it is ever read."""
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
    return root


def _read_cap(root: Any, drill: bool) -> CapSaid:
    """What it says of itself, each part in accord with the others. Raises NotGenuine where it is not."""
    status, kind, named, sent, refers = (
        root.findtext(f"{CAP}{name}") or "" for name in ("status", "msgType", "identifier", "sent", "references")
    )
    number = CAP_IDENTIFIER.fullmatch(named)
    if number is None or bool(number["drill"]) != drill:
        raise NotGenuine("Its identifier is none of ours.")
    if status not in {"Actual", "Exercise", "Test"}:
        raise NotGenuine(f"Its status, {status}, is not for people.")
    if kind not in {"Alert", "Update", "Cancel"} or (kind == "Alert") != (refers == ""):
        raise NotGenuine(f"It is no message of an alert: {kind}.")
    try:
        expires = {datetime.fromisoformat(each.text) for each in root.findall(f"{CAP}info/{CAP}expires")}
        return CapSaid(int(number["seq"]), kind, status, datetime.fromisoformat(sent), min(expires))
    except ValueError as fault:
        raise NotGenuine("It does not say when it was sent and when it runs out.") from fault


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _fraction(written: str) -> float:
    number = float(written)
    if number.is_integer():
        raise ValueError(f"{written} is a whole number written as a fraction")
    return number


def _whole(written: str) -> int:
    if written == "-0":
        raise ValueError("-0 is a number written in two ways")
    return int(written)


_AS_WRITTEN: dict[str, Any] = {"parse_constant": _no_constant, "parse_float": _fraction, "parse_int": _whole}


if __name__ == "__main__":
    from alerts.verify_command import main  # it imports this module, so it comes last

    sys.exit(main())
