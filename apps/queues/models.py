"""Queues: what an administrator sets; the deciding is in acd/."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel


def _empty_or_positive(name: str) -> models.Q:
    return models.Q(**{f"{name}__isnull": True}) | models.Q(**{f"{name}__gt": 0})


class Queue(ConfigurationModel):
    """QU-01."""

    ORDERS = [("longest_since_offer", _("Longest since the last offer")), ("longest_ready", _("Longest ready"))]
    RECORDING_MODES = [("off", _("Off")), ("pausable", _("The agent may pause")), ("forced", _("Always"))]

    name = models.CharField(_("name"), max_length=80, unique=True)
    service_level = models.PositiveIntegerField(
        _("service level (seconds)"),
        null=True,
        blank=True,
        default=60,
        help_text=_(
            "Callers are served in the order of waiting time divided by this: the shorter, the more urgent. "
            "0: after every queue that has one. Empty: after all others, and VIP points do not count."
        ),
    )
    order = models.CharField(
        _("among equal agents"),
        max_length=20,
        choices=ORDERS,
        default="longest_since_offer",
        help_text=_("Who gets the call when several free agents have the same level and have had equally many calls."),
    )
    ring_timeout = models.PositiveSmallIntegerField(
        _("ringing (seconds)"),
        default=20,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
        help_text=_("Then the next agent is tried. The caller hears nothing of it and keeps his place."),
    )
    music = models.ForeignKey(
        "audio.Playlist", models.PROTECT, null=True, blank=True, verbose_name=_("music"), related_name="+", help_text=_("Empty: silence.")
    )
    welcome = models.ForeignKey(
        "audio.Prompt",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("welcome"),
        related_name="+",
        help_text=_("Played once when a caller enters the queue. A free agent does not wait for its end."),
    )
    maximum_callers = models.PositiveIntegerField(
        _("maximum callers"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1, _("0 would refuse everybody. Leave it empty for no limit, or make the queue inactive."))],
        help_text=_("Over it a caller leaves by the exit “full”. Empty: no limit."),
    )
    maximum_wait = models.PositiveIntegerField(
        _("maximum wait (seconds)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1, _("0 would send everybody away. Leave it empty for no limit."))],
        help_text=_("After it a caller leaves by the exit “maximum wait”, unless an agent's phone is ringing for him. Empty: no limit."),
    )
    calendar = models.ForeignKey(
        "hours.Calendar",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("opening hours"),
        related_name="+",
        help_text=_(
            "Outside them a new caller leaves by the exit “Outside opening hours” at once; who waits is still answered. Empty: always open."
        ),
    )
    wrap_up = models.PositiveSmallIntegerField(
        _("wrap-up (seconds)"), null=True, blank=True, help_text=_("Empty: as the agent's profile says. 0: none.")
    )
    wrap_up_extension = models.PositiveSmallIntegerField(
        _("wrap-up may be extended by (seconds)"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3600)],
        help_text=_("In all, by the agent, in steps of 30 seconds. Empty: as the agent's profile says. 0: not at all."),
    )
    recording_mode = models.CharField(_("recording"), max_length=10, choices=RECORDING_MODES, default="off")
    disposition_required = models.BooleanField(
        _("disposition required"),
        default=False,
        help_text=_(
            "The agent's wrap-up does not end, neither by itself nor by his wish, before he has chosen one of the dispositions below. "
            "Without an active disposition nothing is required."
        ),
    )
    active = models.BooleanField(
        _("active"), default=True, help_text=_("An inactive queue takes no new callers; those who wait in it are still answered.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        constraints = [
            models.CheckConstraint(condition=_empty_or_positive("maximum_callers"), name="queue_maximum_callers_positive"),
            models.CheckConstraint(condition=_empty_or_positive("maximum_wait"), name="queue_maximum_wait_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class QueueSkill(ConfigurationModel):
    """A skill that an agent's profile must have to serve the queue; his level on the queue is the lowest of them."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="skills")
    skill = models.ForeignKey("accounts.Skill", models.PROTECT, verbose_name=_("skill"))
    minimum_level = models.PositiveSmallIntegerField(
        _("minimum level"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("1 to 9, 9 is best."),
    )

    class Meta:
        verbose_name = _("required skill")
        verbose_name_plural = _("required skills")
        constraints = [models.UniqueConstraint(fields=["queue", "skill"], name="skill_once_per_queue")]

    def __str__(self) -> str:
        return f"{self.queue} {self.skill}"


class Disposition(ConfigurationModel):
    """How a call of the queue may have gone; the agent chooses."""

    queue = models.ForeignKey(Queue, models.CASCADE, related_name="dispositions", verbose_name=_("queue"))
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("The lowest comes first."))
    active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("An inactive one cannot be chosen any more; calls that have it keep it, and are found by it."),
    )

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("disposition")
        verbose_name_plural = _("dispositions")
        constraints = [
            models.UniqueConstraint(
                fields=["queue", "name"],
                name="disposition_once_per_queue",
                violation_error_message=_("The queue has this disposition already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
