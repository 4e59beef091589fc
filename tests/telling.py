"""Forms about alerts, as people send them."""

from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client
from django.utils import timezone

from alerts import form_tokens
from alerts.models import Alert


def address(alert: Alert, rest: str = "") -> str:
    return f"/alerts/{alert.pk}/seen/{rest}"


def sign_of(alert: Alert, *, seconds: float = 30) -> str:
    """The sign of a form that was opened so long ago."""
    with time_machine.travel(timezone.now() - timedelta(seconds=seconds), tick=False):
        return form_tokens.new_form(alert.pk)


def send(alert: Alert, *, sign: str | None = None, at: str = "127.0.0.1", **said: Any) -> Any:
    """Fill in a form and send it, as a browser without cookies does."""
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR=at)
    fields = {"sign": sign_of(alert) if sign is None else sign, **said}
    return client.post(address(alert), urlencoded(fields), content_type="application/x-www-form-urlencoded")


def take_back(alert: Alert, back: str) -> Any:
    fields = urlencoded({"back": back})
    return Client(enforce_csrf_checks=True).post(
        address(alert, "back/"), fields, content_type="application/x-www-form-urlencoded"
    )


def urlencoded(fields: dict[str, Any]) -> str:
    from django.utils.http import urlencode

    return urlencode(fields, doseq=True)
