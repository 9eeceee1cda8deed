"""Entry of the web process: HTTP by Django, WebSockets by the one consumer."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "contactcenter.settings")
application = get_asgi_application()
