"""What the pages may load and do (Content Security Policy, level 3)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PAGES = "; ".join(
    [
        "default-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",  # widths of bars and rings are style attributes
        "frame-ancestors 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
    ]
)
ADMIN = f"{PAGES}; script-src 'self' 'unsafe-inline' 'unsafe-eval'"  # the admin theme's Alpine.js compiles expressions in attributes


class ContentSecurityPolicy:
    """Middleware. A view that set its own header keeps it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", ADMIN if request.path.startswith("/admin/") else PAGES)
        return response
