"""Which WebSocket, and which stream, is found where."""

from typing import Any

from django.urls import path, re_path

from . import consumers, desk_socket, live_stream

# Django's types know of views only.
alerts_socket: Any = consumers.AlertsConsumer.as_asgi()  # type: ignore[no-untyped-call]  # channels has no types
nothing_here: Any = consumers.nothing_here
alerts_stream: Any = live_stream.live_stream

websocket_urlpatterns = [
    path("ws/alerts/", alerts_socket),
    path("ws/desk/", desk_socket.desk_socket),
    re_path(r"", nothing_here),
]

# Answers without an end, served beside Django: its handler keeps a thread, and with it a database
# connection, for as long as an answer lasts.
stream_urlpatterns = [path("alerts/live/", alerts_stream)]
