"""Recordings of conversations."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Recording(models.Model):
    STATES = [("running", _("Running")), ("finished", _("Finished")), ("stored", _("Stored")), ("failed", _("Failed"))]

    id = models.CharField(max_length=64, primary_key=True)
    call = models.ForeignKey("calls.Call", models.CASCADE, related_name="recordings", verbose_name=_("call"))
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("agent"))
    queue = models.ForeignKey("queues.Queue", models.SET_NULL, null=True, verbose_name=_("queue"))
    mode = models.CharField(_("mode"), max_length=10)
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="running", db_index=True)
    started_at = models.DateTimeField(_("started"))
    seconds = models.FloatField(_("duration (s)"), default=0)
    channels = models.PositiveSmallIntegerField(_("channels"), default=2)
    source = models.CharField(max_length=500, blank=True)  # the cell's file, until it is stored
    file = models.FileField(_("file"), upload_to="recordings/%Y/%m/%d/", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    fault = models.CharField(_("fault"), max_length=200, blank=True)

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")

    def __str__(self) -> str:
        return self.id
