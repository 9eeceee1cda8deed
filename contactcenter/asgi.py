"""Entry of the web process: HTTP by Django, WebSockets by the one consumer."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
http = get_asgi_application()

from apps.live.routing import websocket  # noqa: E402  # its models need the applications that the line above has loaded

application = ProtocolTypeRouter({"http": http, "websocket": websocket})
