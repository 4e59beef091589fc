"""The keys that alerts are signed with: list them, and revoke one."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alerts import signing


class Command(BaseCommand):
    help = "List the public keys that alerts are signed with, or revoke one, so that nothing it signed is trusted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--revoke", metavar="KID", help="take back the trust in this key, for good")
        parser.add_argument("--because", metavar="TEXT", default="", help="why; everyone can read it")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["revoke"]:
            self._revoke(options["revoke"], options["because"].strip())
        for key in signing.published_keys():
            self.stdout.write(f"{key['kid']} {key['use']}, since {key['since']}{_fate(key)}")

    def _revoke(self, kid: str, because: str) -> None:
        if not because:
            raise CommandError("--because says why: those who verify are told.")
        try:
            key = signing.revoke(kid, because=because)
        except signing.UnknownKey as fault:
            raise CommandError(f"There is no key {kid}.") from fault
        if signing.is_in_use(key):
            self.stderr.write(_STILL_IN_USE.format(kid=key.kid, use="drills" if key.is_drill else "alerts"))


_STILL_IN_USE = """{kid} is the key that {use} are signed with today. Set a new SIGNING_SEED (docs/settings.md)
and start every process again: until then nothing that is said will verify."""


def _fate(key: dict[str, Any]) -> str:
    if key["revoked_at"]:
        return f", REVOKED {key['revoked_at']}: {key['revoked_because']}"
    return f", retired {key['retired_at']}" if key["retired_at"] else ""
