"""Queues: what an administrator sets; the deciding is in acd/."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel


class Queue(ConfigurationModel):
    """QU-01."""

    ORDERS = [("longest_since_offer", _("Longest since the last offer")), ("longest_ready", _("Longest ready"))]
    RECORDING_MODES = [("off", _("Off")), ("pausable", _("The agent may pause")), ("forced", _("Always"))]

    name = models.CharField(_("name"), max_length=80, unique=True)
    service_level = models.PositiveIntegerField(
        _("service level (seconds)"), null=True, blank=True, default=60, help_text=_("Empty: the queue ranks below every queue that has one.")
    )
    order = models.CharField(_("among equal agents"), max_length=20, choices=ORDERS, default="longest_since_offer")
    ring_timeout = models.PositiveSmallIntegerField(_("ringing (seconds)"), default=20, validators=[MinValueValidator(5), MaxValueValidator(120)])
    music = models.ForeignKey("audio.Playlist", models.PROTECT, null=True, blank=True, verbose_name=_("music"), related_name="+")
    welcome = models.ForeignKey("audio.Prompt", models.PROTECT, null=True, blank=True, verbose_name=_("welcome"), related_name="+")
    maximum_callers = models.PositiveIntegerField(_("maximum callers"), null=True, blank=True)
    maximum_wait = models.PositiveIntegerField(_("maximum wait (seconds)"), null=True, blank=True)
    wrap_up = models.PositiveSmallIntegerField(_("wrap-up (seconds)"), null=True, blank=True, help_text=_("Empty: as the agent's profile says."))
    recording_mode = models.CharField(_("recording"), max_length=10, choices=RECORDING_MODES, default="off")
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("queue")
        verbose_name_plural = _("queues")

    def __str__(self) -> str:
        return self.name


class QueueSkill(ConfigurationModel):
    """A skill that an agent's profile must have to serve the queue; his level on the queue is the lowest of them."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="skills")
    skill = models.ForeignKey("accounts.Skill", models.PROTECT, verbose_name=_("skill"))
    minimum_level = models.PositiveSmallIntegerField(_("minimum level"), default=1, validators=[MinValueValidator(1), MaxValueValidator(9)])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="skill_once_per_queue")]

    def __str__(self) -> str:
        return f"{self.queue} {self.skill}"
