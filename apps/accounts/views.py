"""Log-in, log-out, language, and the way to one's own page."""

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as django_set_language

from apps.accounts import log_in_limit
from apps.accounts.models import LANGUAGES, User
from apps.accounts.rights import who


def address_of(request: HttpRequest | None) -> str:
    """The browser's address. Behind a proxy: what the proxy wrote last. Daphne believes the first, which a browser may make up."""
    if request is None:
        return ""
    seen = request.META.get("REMOTE_ADDR", "")
    return request.META.get("HTTP_X_FORWARDED_FOR", seen).rpartition(",")[2].strip() if settings.BEHIND_PROXY else seen


class LimitedLogIn(AuthenticationForm):
    """Refuses before it looks at the password when there were too many wrong ones."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("User name and password do not belong together. Capital letters count."),
        "demo": _("The demo password works only while the product is reachable from nowhere but its own machine."),
        "pause": _("Too many wrong passwords. Wait five minutes and try again, or ask your administrator."),
    }

    def clean(self) -> dict[str, str]:
        username, address = self.cleaned_data.get("username", ""), address_of(self.request)
        if self.cleaned_data.get("password") == settings.DEMO_PASSWORD and not settings.ONLY_THIS_MACHINE:
            raise ValidationError(self.error_messages["demo"], code="demo")
        if not log_in_limit.begins(username, address):
            raise ValidationError(self.error_messages["pause"], code="pause")
        cleaned = super().clean()
        log_in_limit.succeeded(username, address)
        return cleaned


class LogIn(auth_views.LoginView):
    template_name = "accounts/log_in.html"
    authentication_form = LimitedLogIn
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return reverse("home")


def page_of(user: User) -> str:
    """Where somebody's work is: admin for those who configure and supervise, the desk for everybody else."""
    if user.is_staff:
        return reverse("admin:index")
    try:
        return reverse("desk")
    except NoReverseMatch:
        return reverse("login")


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return redirect(page_of(who(request)))


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """As Django's own, and kept with the user who is logged in."""
    response = django_set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in dict(LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return response
