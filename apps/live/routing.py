"""The WebSocket side of the web process: the session says who it is, the Origin header that the page is ours.

Two checks: its host is one of `ALLOWED_HOSTS` (a name that somebody else points to this machine is not), and it is of this very address.
"""

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from apps.live.consumer import LiveConsumer
from apps.live.origin import OwnPages

websocket = AllowedHostsOriginValidator(OwnPages(AuthMiddlewareStack(URLRouter([path("ws/live", LiveConsumer.as_asgi())]))))
