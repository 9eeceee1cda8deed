"""AU-02: sounds that somebody speaks by telephone."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audio.models import LANGUAGES


class PhoneRecording(models.Model):
    """One sound in one call. Its state: calling -> answered -> recording -> taken -> saved; or ended, and nothing was saved.

    `id`: the call's, where the system called for it; of a call that came in, which may be for several sounds, with a number behind.
    `source`: what the cell writes, of the newest try. Jobs only look whether there is work.
    """

    STATES = [
        ("calling", _("The telephone rings.")),
        ("answered", _("Answered. Speak after the tone, and end with #.")),
        ("recording", _("Recording. # ends it, then 1 saves, 2 plays it, 3 records it again.")),
        ("taken", _("Taken. It is being prepared.")),
        ("saved", _("Saved. The new version is played from the next call on.")),
        ("ended", _("The call ended, and nothing was saved.")),
    ]
    OPEN = ("calling", "answered", "recording")

    id = models.CharField(max_length=64, primary_key=True)
    call = models.CharField(max_length=64)
    prompt = models.ForeignKey("audio.Prompt", models.CASCADE, related_name="+")
    language = models.CharField(max_length=5, choices=LANGUAGES)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=STATES, default="calling", db_index=True)
    fault = models.CharField(max_length=20, blank=True)  # a key of services.FAULTS
    source = models.CharField(max_length=500, blank=True)
    conversion = models.ForeignKey("audio.Conversion", models.SET_NULL, null=True, related_name="+")
    began_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sound recorded by telephone")
        verbose_name_plural = _("sounds recorded by telephone")
        indexes = [models.Index(fields=["call"], name="phone_recordings_of_a_call")]

    def __str__(self) -> str:
        return self.id
