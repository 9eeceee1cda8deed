"""Callbacks that callers have ordered. Only the order is here; nobody dials it yet."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CallbackRequest(models.Model):
    """Its state: waiting -> done or cancelled. A number waits once."""

    STATES = [("waiting", _("Waiting")), ("done", _("Done")), ("cancelled", _("Cancelled"))]

    number = models.CharField(_("number to call"), max_length=20, db_index=True)
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="waiting", db_index=True)
    ordered_at = models.DateTimeField(_("ordered"))
    call = models.ForeignKey("calls.Call", models.SET_NULL, null=True, verbose_name=_("call"), related_name="+")
    queue = models.ForeignKey("queues.Queue", models.SET_NULL, null=True, verbose_name=_("queue"), related_name="+")
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("closed by"), related_name="+")

    class Meta:
        ordering = ["ordered_at"]
        verbose_name = _("callback order")
        verbose_name_plural = _("callback orders")
        constraints = [models.UniqueConstraint(fields=["number"], condition=models.Q(state="waiting"), name="number_waits_once")]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.ordered_at:%Y-%m-%d %H:%M}"
