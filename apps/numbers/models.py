"""Trunks to telephone operators, and the numbers that callers dial."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel
from apps.numbers import validation


class Refusals(dict[str, Any]):
    """Collects what is wrong, field by field, so that everything is told at once."""

    def try_field(self, row: models.Model, field: str, clean: Callable[[str], str]) -> None:
        try:
            setattr(row, field, clean(getattr(row, field)))
        except ValidationError as refusal:
            self[field] = refusal

    def raise_if_any(self) -> None:
        if self:
            raise ValidationError(self)


class Trunk(ConfigurationModel):
    """AN-03: a connection to an operator."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    host = models.CharField(_("host"), max_length=200, blank=True, help_text=_("Where outgoing calls are sent, as host or host:port."))
    sources = models.TextField(
        _("allowed sources"), help_text=_("One IP address or network per line; calls from anywhere else are dropped.")
    )
    transport = models.CharField(_("transport"), max_length=3, choices=[("udp", "UDP"), ("tcp", "TCP")], default="udp")
    maximum_calls = models.PositiveSmallIntegerField(
        _("maximum calls"), default=30, help_text=_("Over it a caller gets 503 with Retry-After.")
    )
    caller_id = models.CharField(_("caller id presented"), max_length=20, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("trunk")
        verbose_name_plural = _("trunks")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "sources", validation.sources)
        refusals.try_field(self, "host", validation.host)
        if self.caller_id:
            refusals.try_field(self, "caller_id", lambda text: validation.number(text, short=True))
        refusals.raise_if_any()


class AccessNumber(ConfigurationModel):
    """AN-01, AN-04: a number that callers dial, and the flow it leads to."""

    KINDS = [("national", _("National")), ("geographic", _("Geographic")), ("freephone", _("Freephone")), ("short", _("Short number"))]

    number = models.CharField(
        _("number"), max_length=20, unique=True, help_text=_("With country code, for instance +4722334455, or a short number.")
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    flow = models.ForeignKey("flows.Flow", models.PROTECT, verbose_name=_("call flow"), related_name="access_numbers")
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS, default="national")
    operator = models.CharField(_("operator"), max_length=80, blank=True)
    tariff_note = models.CharField(_("tariff note"), max_length=200, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("access number")
        verbose_name_plural = _("access numbers")

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "number", lambda text: validation.number(text, short=self.kind == "short"))
        refusals.raise_if_any()
