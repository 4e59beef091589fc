"""Alerts by WebSocket as the Channels tutorial has it: a group, and a consumer for each socket."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.plain_channels.settings")

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

GROUP = "alerts"


class Plain(AsyncWebsocketConsumer):
    async def connect(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(GROUP, self.channel_name)

    async def alert(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


async def publish(request: HttpRequest) -> HttpResponse:
    await get_channel_layer().group_send(GROUP, {"type": "alert", "text": request.body.decode()})
    return HttpResponse(status=202)


urlpatterns = [path("pub", publish)]
application = ProtocolTypeRouter(
    {"http": get_asgi_application(), "websocket": URLRouter([path("sub", Plain.as_asgi())])}
)
