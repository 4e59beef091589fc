"""Staff accounts: made by a coordinator, never by signing up."""

import hashlib
import hmac
import secrets
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from alerts.tries import line_of
from alerts.views.staff_door import prove

# Lives as long as the process: limits still count, and nothing links a visit to an address later.
_ADDRESS_KEY = secrets.token_bytes(32)


class ClosedAccounts(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        prove(request)

    def get_client_ip(self, request: HttpRequest) -> Any:
        address = super().get_client_ip(request)
        return hmac.new(_ADDRESS_KEY, line_of(str(address)).encode(), hashlib.sha256).hexdigest()
