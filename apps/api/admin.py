"""Tokens with which programs log in."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.authtoken.models import TokenProxy
from unfold.admin import ModelAdmin

admin.site.unregister(TokenProxy)


@admin.register(TokenProxy)
class TokenAdmin(ModelAdmin):
    """The key is made with the token and shown on its page; whoever has it may do what its user may do."""

    list_display = ["user", "created"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    fields = ["user"]

    def get_fields(self, request: HttpRequest, obj: TokenProxy | None = None) -> list[str]:
        return ["user", "shown_key", "created"] if obj else ["user"]

    def get_readonly_fields(self, request: HttpRequest, obj: TokenProxy | None = None) -> list[str]:
        return ["user", "shown_key", "created"] if obj else []

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> TokenProxy | None:
        """Addresses name the user, never the key (see TokenProxy.pk)."""
        return self.get_queryset(request).filter(user_id=object_id).first() if object_id.isdecimal() else None

    @admin.display(description=_("key"))
    def shown_key(self, token: TokenProxy) -> str:
        return token.key
