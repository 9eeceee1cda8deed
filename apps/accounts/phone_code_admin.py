"""The telephone code on a person's page: a new one is shown once, and never again."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from apps.accounts import phone_codes
from apps.accounts.models import PhoneCode, User


class PhoneCodeMixin(ModelAdmin):
    change_form_outer_after_template = "accounts/phone_code_panel.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:user_id>/telephone-code/", view(self.new_code), name="accounts_user_phone_code"),
            path("<int:user_id>/telephone-code/remove/", view(self.remove_code), name="accounts_user_phone_code_remove"),
            *super().get_urls(),
        ]

    @method_decorator([require_POST, never_cache])
    def new_code(self, request: HttpRequest, user_id: int) -> HttpResponse:
        """The answer itself shows it: a message would wait in the session, where others may read it."""
        user = self._person(request, user_id)
        context = self.admin_site.each_context(request) | {"title": _("New telephone code"), "person": user, "opts": self.opts}
        context["code"] = phone_codes.renew(user)
        self.log_change(request, user, gettext("A new telephone code was made."))
        return TemplateResponse(request, "accounts/phone_code.html", context)

    @method_decorator(require_POST)
    def remove_code(self, request: HttpRequest, user_id: int) -> HttpResponse:
        user = self._person(request, user_id)
        phone_codes.remove(user)
        self.log_change(request, user, gettext("The telephone code was removed."))
        self.message_user(request, gettext("The telephone code was removed."))
        return redirect("admin:accounts_user_change", user_id)

    def _person(self, request: HttpRequest, user_id: int) -> User:
        user = get_object_or_404(self.get_queryset(request), pk=user_id)
        if not self.has_change_permission(request, user) or not phone_codes.may_have_one(user):
            raise PermissionDenied
        return user

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: User | None = None, **more: Any
    ) -> HttpResponse:
        if obj is not None and self.has_change_permission(request, obj) and phone_codes.may_have_one(obj):
            context["phone_code"] = {"made": PhoneCode.objects.filter(user=obj).first(), "blocked": phone_codes.all_blocked()}
        return super().render_change_form(request, context, *args, obj=obj, **more)
