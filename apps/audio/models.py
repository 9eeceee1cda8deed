"""Sound files: prompts with a version per language, and playlists of music."""

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel

LANGUAGES = [("nb", _("Norwegian")), ("en", _("English"))]
SOURCES = [
    ("file", _("Uploaded")),
    ("browser", _("Recorded in the browser")),
    ("phone", _("Recorded by telephone")),
    ("text", _("Spoken by the computer")),
]
STORAGE_FAULTS = (OSError, BotoCoreError, ClientError)  # what a storage raises: a disk, or an S3 server


def sounds() -> Storage:
    """Where sounds are kept: STORAGES["sounds"], any storage that django-storages has."""
    return storages["sounds"]


class Prompt(ConfigurationModel):
    """Something that is played: an announcement or a piece of music. AU-05: one prompt, several languages."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    key = models.CharField(
        _("system key"), max_length=60, blank=True, db_index=True, help_text=_("Set for the prompts that the system itself speaks.")
    )
    music = models.BooleanField(_("music"), default=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("sound")
        verbose_name_plural = _("sounds")
        constraints = [models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="system_key_once")]

    def __str__(self) -> str:
        return self.name


class PromptVersion(ConfigurationModel):
    """One recording of a prompt in one language. The newest active one is played; older ones are kept (AU-04)."""

    prompt = models.ForeignKey(Prompt, models.CASCADE, related_name="versions")
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES, default="nb")
    number = models.PositiveIntegerField(_("number"), default=1)
    active = models.BooleanField(_("active"), default=False)
    file = models.FileField(_("file"), upload_to="audio/", storage=sounds)  # 8 kHz mono PCM16 WAV, what the cells play
    wide = models.FileField(_("file (16 kHz)"), upload_to="audio/", storage=sounds, blank=True)  # for wideband legs
    picture = models.FileField(_("waveform"), upload_to="audio/", storage=sounds, blank=True)
    source = models.CharField(_("origin"), max_length=10, choices=SOURCES, default="file")
    text = models.TextField(_("text to speak"), blank=True)
    voice = models.CharField(_("voice"), max_length=20, blank=True)
    speed = models.PositiveSmallIntegerField(_("speed (words a minute)"), default=0)  # 0: not spoken
    seconds = models.FloatField(_("duration (s)"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(_("played since"), null=True)
    replaced_at = models.DateTimeField(_("played until"), null=True)  # calls that began before hear it to their end

    class Meta:
        ordering = ["prompt", "language", "-number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["prompt", "language", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["prompt", "language"], condition=models.Q(active=True), name="one_active_version_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt} {self.language} {self.number}"


class Conversion(models.Model):
    """A file or a text on its way to be a version. Its state: waiting -> ready, or failed. Jobs only look whether there is work."""

    STATES = [("waiting", _("Waiting")), ("ready", _("Ready")), ("failed", _("Refused"))]

    prompt = models.ForeignKey(Prompt, models.CASCADE, null=True, related_name="conversions", verbose_name=_("sound"))
    name = models.CharField(_("name"), max_length=120, blank=True)  # of the sound that is made with it, when there is none yet
    music = models.BooleanField(_("music"), default=False)
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    source = models.CharField(_("origin"), max_length=10, choices=SOURCES)
    file = models.FileField(_("file"), upload_to="audio/incoming/", storage=sounds, blank=True)  # as it came
    begin = models.FloatField(default=0)  # seconds: what lies before is cut off …
    end = models.FloatField(null=True)  # … and what lies behind
    text = models.TextField(_("text to speak"), blank=True)
    voice = models.CharField(_("voice"), max_length=20, blank=True)
    speed = models.PositiveSmallIntegerField(_("speed (words a minute)"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="waiting", db_index=True)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    fault = models.CharField(max_length=20, blank=True)  # code: conversions.reason has the words
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)  # not before; None: at once
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.ForeignKey(PromptVersion, models.SET_NULL, null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")

    def __str__(self) -> str:
        return f"{self.prompt or self.name} {self.language}"


class DiscardedFile(models.Model):
    """Of a sound that was deleted. A call may still play it, so it is removed from the storage a day later."""

    name = models.CharField(max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Playlist(ConfigurationModel):
    """AU-06: music of a queue or of hold, sound after sound without a gap."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("playlist")
        verbose_name_plural = _("playlists")

    def __str__(self) -> str:
        return self.name


class PlaylistItem(ConfigurationModel):
    playlist = models.ForeignKey(Playlist, models.CASCADE, related_name="items")
    prompt = models.ForeignKey(Prompt, models.PROTECT, verbose_name=_("sound"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("sound")
        verbose_name_plural = _("sounds")

    def __str__(self) -> str:
        return f"{self.prompt}"
