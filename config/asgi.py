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

pages: Any = get_asgi_application()  # Django's types know of views only

application = ProtocolTypeRouter(
    {
        "http": URLRouter([*stream_urlpatterns, re_path(r"", pages)]),
        "websocket": URLRouter(websocket_urlpatterns),
    }
)
