"""Which pages may open the WebSocket. A cookie goes to every port of a host (RFC 6265 8.5), so the host alone does not make a page ours."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.utils.http import is_same_domain

Application = Callable[..., Awaitable[Any]]


class OwnPages:
    """Lets in pages of the very address that they connect to, and of `CSRF_TRUSTED_ORIGINS`, as Django does for forms."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        inside = self.application if is_ours(headers.get(b"origin", ""), headers.get(b"host", "")) else WebsocketDenier()
        return await inside(scope, receive, send)


def is_ours(origin: str, host: str) -> bool:
    """`origin`: the header's value; browsers send `null`, or none at all, where there is no page of a site."""
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    if page.scheme not in (("https",) if settings.BEHIND_PROXY else ("http", "https")):
        return False
    return page.netloc.lower() == host.lower() or any(_fits(page, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS)


def _fits(page: SplitResult, trusted: str) -> bool:
    """`https://contact.example` or `https://*.example`."""
    pattern = urlsplit(trusted)
    return page.scheme == pattern.scheme and is_same_domain(page.netloc, pattern.netloc.lstrip("*"))
