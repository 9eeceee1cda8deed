"""Recordings of conversations, their gaps and masks, and who listened to them."""

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def archive() -> Storage:
    """Where recordings are kept: STORAGES["recordings"], any storage that django-storages has."""
    return storages["recordings"]


class Recording(models.Model):
    """Its state: running -> finished (complete on the media machine) -> stored, or failed. Jobs only look whether there is work."""

    STATES = [
        ("running", _("Running")),
        ("finished", _("Finished")),
        ("stored", _("Stored")),
        ("failed", _("Failed")),
        ("discarded", _("Discarded")),  # by the caller; it goes when its cell has closed the file
    ]
    TAPES = [("conversation", _("Conversation")), ("voicemail", _("Voicemail"))]
    MODES = [
        ("manual", _("The agent starts it")),
        ("pausable", _("The agent may pause")),
        ("pending", _("Kept if the agent saves it")),
        ("forced", _("Always")),
    ]

    id = models.CharField(max_length=64, primary_key=True)
    call = models.ForeignKey("calls.Call", models.CASCADE, related_name="recordings", verbose_name=_("call"))
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("agent"))
    queue = models.ForeignKey("queues.Queue", models.SET_NULL, null=True, verbose_name=_("queue"))
    tape = models.CharField(_("kind"), max_length=12, choices=TAPES, default="conversation")
    mode = models.CharField(_("mode"), max_length=10, choices=MODES, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="running", db_index=True)
    started_at = models.DateTimeField(_("started"), db_index=True)
    seconds = models.FloatField(_("duration (s)"), default=0)
    channels = models.PositiveSmallIntegerField(_("channels"), default=2)
    size = models.PositiveBigIntegerField(_("size (bytes)"), default=0)
    source = models.CharField(max_length=500, blank=True)  # the cell's file, until it is stored
    file = models.FileField(_("file"), upload_to="%Y/%m/%d/", storage=archive, blank=True, max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    fault = models.CharField(_("fault"), max_length=200, blank=True)
    tries = models.PositiveSmallIntegerField(_("tries to store"), default=0)
    try_at = models.DateTimeField(_("next try"), null=True)  # of storing; None: at once

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")

    def __str__(self) -> str:
        return self.id


class Voicemail(models.Model):
    """A message that a caller has left. `box`: name of the step, as it was."""

    recording = models.OneToOneField(Recording, models.CASCADE, verbose_name=_("recording"))
    caller = models.CharField(_("caller"), max_length=40, blank=True, db_index=True)
    box = models.CharField(_("voicemail step"), max_length=80)
    team = models.ForeignKey("accounts.Team", models.SET_NULL, null=True, verbose_name=_("team"))
    left_at = models.DateTimeField(_("left"), db_index=True)
    heard_at = models.DateTimeField(_("heard"), null=True)
    heard_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("heard by"), related_name="+")

    class Meta:
        ordering = ["-left_at"]
        verbose_name = _("voicemail message")
        verbose_name_plural = _("voicemail")

    def __str__(self) -> str:
        return f"{self.box} {self.caller}"


class Stretch(models.Model):
    """A part of a recording. `ended_at` empty: it went on to the recording's end."""

    recording = models.ForeignKey(Recording, models.CASCADE, related_name="%(class)ss")
    began_at = models.DateTimeField(_("from"))
    ended_at = models.DateTimeField(_("to"), null=True)

    class Meta:
        abstract = True
        ordering = ["began_at"]
        constraints = [models.UniqueConstraint(fields=["recording", "began_at"], name="%(class)s_once_per_recording")]

    def __str__(self) -> str:
        return f"{self.began_at} – {self.ended_at}"


class Gap(Stretch):
    """RC-02: the agent had paused the recording; the file holds nothing of it."""

    class Meta(Stretch.Meta):
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")


class Mask(Stretch):
    """RC-03: a tone is in the file instead of what was said. Where its agent's account is deleted, the call's time line keeps his name."""

    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("agent"), related_name="+")

    class Meta(Stretch.Meta):
        verbose_name = _("mask")
        verbose_name_plural = _("masks")


class Listen(models.Model):
    """AR-04: somebody heard a recording. Append-only; it outlives the recording and the user, so it keeps their names."""

    at = models.DateTimeField(_("time"), auto_now_add=True, db_index=True)
    recording = models.CharField(_("recording"), max_length=64, db_index=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("user"), related_name="+")
    username = models.CharField(_("user name"), max_length=150)

    class Meta:
        ordering = ["-at"]
        verbose_name = _("listen")
        verbose_name_plural = _("listens")

    def __str__(self) -> str:
        return f"{self.username} {self.recording}"
