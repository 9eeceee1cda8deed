"""Callback orders in admin: a list to work through by hand, as long as nobody dials them."""

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter, RelatedDropdownFilter
from unfold.decorators import display

from apps.accounts.rights import who
from apps.callbacks import services
from apps.callbacks.models import CallbackRequest
from apps.calls.admin import ReadOnlyAdmin
from apps.calls.wording import moment
from contactcenter.lib import phone


@admin.register(CallbackRequest)
class CallbackRequestAdmin(ReadOnlyAdmin):
    list_display = ["shown_ordered", "shown_number", "queue", "shown_state", "closed_by", "shown_call"]
    list_display_links = None
    list_before_template = "admin/callbacks/callbackrequest/note.html"
    list_filter = ["state", ("ordered_at", RangeDateTimeFilter), ("queue", RelatedDropdownFilter)]
    list_filter_submit = True
    list_select_related = ["queue", "closed_by"]
    list_per_page = 50
    search_fields = ["number", "call__id"]
    search_help_text = _("Number to call, or the id of the call")
    actions = ["mark_done", "cancel"]

    @admin.action(description=_("Done: somebody has called"), permissions=["view"])
    def mark_done(self, request: HttpRequest, orders: QuerySet[CallbackRequest]) -> None:
        self._close(request, orders, "done")

    @admin.action(description=_("Cancel"), permissions=["view"])
    def cancel(self, request: HttpRequest, orders: QuerySet[CallbackRequest]) -> None:
        self._close(request, orders, "cancelled")

    def _close(self, request: HttpRequest, orders: QuerySet[CallbackRequest], state: str) -> None:
        closed = services.close(orders, state=state, by=who(request))
        text = ngettext("%(count)d order was closed.", "%(count)d orders were closed.", closed)
        self.message_user(request, text % {"count": closed}, messages.SUCCESS)

    @admin.display(description=_("ordered"), ordering="ordered_at")
    def shown_ordered(self, order: CallbackRequest) -> str:
        return moment(order.ordered_at)

    @admin.display(description=_("number to call"), ordering="number")
    def shown_number(self, order: CallbackRequest) -> str:
        return phone.pretty(order.number, settings.COUNTRY)

    @display(description=_("state"), ordering="state", label={"waiting": "warning", "done": "success", "cancelled": "info"})
    def shown_state(self, order: CallbackRequest) -> tuple[str, str]:
        return order.state, order.get_state_display()

    @admin.display(description=_("call"))
    def shown_call(self, order: CallbackRequest) -> str:
        if order.call_id is None:
            return "–"
        address = reverse("admin:calls_call_change", args=[order.call_id])
        return format_html('<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>', address, gettext("Time line"))
