"""Sound files: prompts with a version per language, and playlists of music."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel

LANGUAGES = [("nb", _("Norwegian")), ("en", _("English"))]


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
    file = models.FileField(_("file"), upload_to="audio/")  # 8 kHz mono PCM16 WAV, what the media worker plays
    text = models.TextField(_("text to speak"), blank=True)
    seconds = models.FloatField(_("duration (s)"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)

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
