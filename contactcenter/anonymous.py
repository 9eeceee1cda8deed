"""Views for anybody in the world: answered before there is a session, a user, a language or a cookie."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

View = TypeVar("View", bound=Callable[..., HttpResponse])


def anonymous(view: View) -> View:
    """Mark `view`: it gets a request without `user` and `session`."""
    view.anonymous = True  # type: ignore[attr-defined]
    return view


class Anonymous:
    """Middleware, before that of sessions."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        if getattr(found.func, "anonymous", False):
            return found.func(request, *found.args, **found.kwargs)
        return self.get_response(request)
