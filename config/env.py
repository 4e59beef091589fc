"""Settings from the environment. A wrong value is refused at start, with its name and what was expected."""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

YES_NO = {"0": False, "1": True}


def refuse(name: str, expected: str) -> ImproperlyConfigured:
    """The value itself is not repeated: it may hold a password."""
    return ImproperlyConfigured(f"{name} is not as expected: {expected}.")


def yes_or_no(name: str, *, default: bool) -> bool:
    text = os.environ.get(name, "")
    if text == "":
        return default
    if text not in YES_NO:
        raise refuse(name, "0 or 1")
    return YES_NO[text]


def whole_number(name: str, *, default: int, lowest: int, highest: int) -> int:
    text = os.environ.get(name, "")
    if text == "":
        return default
    if not text.isascii() or not text.isdigit() or not lowest <= int(text) <= highest:
        raise refuse(name, f"a whole number from {lowest} to {highest}")
    return int(text)


def text(name: str, *, default: str) -> str:
    return os.environ.get(name) or default


def listed(name: str, *, default: list[str]) -> list[str]:
    parts = [part.strip() for part in os.environ.get(name, "").split(",")]
    return [part for part in parts if part] or default


def folder(name: str, *, default: Path) -> Path:
    return Path(os.environ.get(name) or default)


def private_folder(path: Path) -> Path:
    """A folder that nobody but us can look into, made if it is not there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def database(name: str, *, default: str) -> dict[str, Any]:
    """A Django database from a URL; sqlite and postgres only."""
    url = os.environ.get(name) or default
    if urlsplit(url).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise refuse(name, "sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME")
    return dict(environ.Env.db_url_config(url))


def channel_layer(name: str) -> dict[str, Any]:
    """The channel layer: in memory, or Redis by its pub/sub layer, which survives a Redis restart."""
    url = os.environ.get(name, "")
    if url == "":
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    if urlsplit(url).scheme not in {"redis", "rediss"}:
        raise refuse(name, "empty, or redis://HOST:PORT/NUMBER")
    return {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [url]}}


def secret(name: str, *, kept_in: Path) -> str:
    """A secret from the environment, else one made once and kept in a file only we can read."""
    text = os.environ.get(name, "")
    if text:
        if len(text) < 16:
            raise refuse(name, "at least 16 characters")
        return text
    try:
        return kept_in.read_text()
    except FileNotFoundError:
        pass
    kept_in.parent.mkdir(parents=True, exist_ok=True)
    mine = kept_in.with_name(f"{kept_in.name}.{os.getpid()}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(mine, kept_in)  # the first of several processes wins, whole
    except FileExistsError:
        pass
    finally:
        mine.unlink()
    return kept_in.read_text()


class Seed(bytes):
    """What private keys are made of. Pages of errors show settings, and this is not for showing."""

    LENGTH = 32  # bytes

    def __repr__(self) -> str:
        return "<hidden>"


def seed(name: str, *, derived_from: str) -> Seed:
    """32 bytes written as base64url, else 32 that follow from another secret (HKDF-SHA256, RFC 5869)."""
    text = os.environ.get(name, "")
    if text == "":
        derive = HKDF(algorithm=SHA256(), length=Seed.LENGTH, salt=None, info=f"headsup {name} 1".encode())
        return Seed(derive.derive(derived_from.encode()))
    try:
        raw = base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != Seed.LENGTH:
        raise refuse(name, f"{Seed.LENGTH} bytes as base64url, 43 letters")
    return Seed(raw)


def mail(name: str) -> dict[str, Any]:
    """Django's settings for sending mail, from a URL; empty where none is given."""
    url = os.environ.get(name, "")
    if url == "":
        return {}
    if urlsplit(url).scheme not in {"smtp", "smtp+tls", "smtp+ssl"}:
        raise refuse(name, "smtp+tls://user:password@host:587, smtp+ssl://... or smtp://...")
    found: dict[str, Any] = environ.Env.email_url_config(url)
    return found


def is_given(name: str) -> bool:
    return bool(os.environ.get(name))


def public_url(name: str, *, default: str) -> str:
    """Where this installation is found, without a slash at the end: links in alerts start with it."""
    url = (os.environ.get(name) or default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise refuse(name, "http:// or https:// and a host, without a path")
    return url
