"""What every page knows."""

from typing import Any

from django.http import HttpRequest

from .networks import is_simulated


def network(request: HttpRequest) -> dict[str, Any]:
    return {"is_simulated": is_simulated()}
