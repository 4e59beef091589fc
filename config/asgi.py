"""HTTP and WebSocket, from one application."""

import os
from typing import Any

import django
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from alerts.routing import stream_urlpatterns, websocket_urlpatterns  # noqa: E402  # needs the applications above
from api.quick_door import PATH, QuickDoor  # noqa: E402

pages: Any = get_asgi_application()  # Django's types know of views only
quick: Any = QuickDoor(pages)

application = ProtocolTypeRouter(
    {
        "http": URLRouter([*stream_urlpatterns, re_path(f"^{PATH[1:]}$", quick), re_path(r"", pages)]),
        "websocket": URLRouter(websocket_urlpatterns),
    }
)
