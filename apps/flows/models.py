"""The tables of flows: what all have in common is in rows.py, and here one table per kind of step.

What a step plays or where it queues is a real foreign key: a sound or a queue in use cannot be deleted. How a kind behaves is in kinds/.
"""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.flows import validation
from apps.flows.changes import DraftChange
from apps.flows.input_rows import CollectStep, ConditionBranch, ConditionStep, SetVariableStep, SurveyStep
from apps.flows.kinds import dial, hang_up, menu, message, opening_hours, queue
from apps.flows.outside_rows import CallbackStep, RecordSoundStep, VoicemailStep, WebBranch, WebReading, WebRequestStep
from apps.flows.rows import Exit, Flow, FlowVersion, FrozenWithVersion, Step, StepOfKind, VersionIsFrozen
from apps.hours import rows as hours

__all__ = [
    "PARTS", "TABLES", "CallbackStep", "CollectStep", "ConditionBranch", "ConditionStep", "DialStep", "DraftChange", "Exit", "Flow",
    "FlowVersion", "FrozenWithVersion", "HangUpStep", "MenuChoice", "MenuStep", "MessageSound", "MessageStep", "OpeningHoursStep",
    "QueueStep", "RecordSoundStep", "SetVariableStep", "Step", "StepOfKind", "SurveyStep", "VersionIsFrozen", "VoicemailStep", "WebBranch",
    "WebReading", "WebRequestStep",
]  # fmt: skip


class MessageStep(StepOfKind):
    KIND = message.Message
    PARTS = ("sounds",)

    HOW = [("digits", _("digit by digit")), ("number", _("as a number")), ("time", _("as a time of day"))]

    variable = models.CharField(
        _("then say the variable"),
        max_length=40,
        blank=True,
        validators=[validation.variable],
        help_text=_("Spoken after the sounds, for instance customer_number. Empty: nothing."),
    )
    how = models.CharField(_("how it is said"), max_length=10, choices=HOW, default="digits")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def settings(self) -> dict[str, Any]:
        prompts = tuple(sound.prompt_id for sound in self.sounds.all()) if self.pk else ()
        return {"prompts": prompts, "variable": self.variable, "how": self.how}


class MessageSound(FrozenWithVersion):
    """One of the sounds of a message, in their order."""

    step = models.ForeignKey(MessageStep, models.CASCADE, related_name="sounds")
    prompt = models.ForeignKey("audio.Prompt", models.PROTECT, verbose_name=_("sound"), related_name="+")
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("sound")
        verbose_name_plural = _("sounds")

    def __str__(self) -> str:
        return f"{self.prompt}"

    def of_version(self) -> FlowVersion:
        return self.step.version


class MenuStep(StepOfKind):
    KIND = menu.Menu
    PARTS = ("choices",)

    prompt = models.ForeignKey("audio.Prompt", models.PROTECT, null=True, blank=True, verbose_name=_("sound"), related_name="+")
    repeat = models.PositiveSmallIntegerField(
        _("repeats"),
        default=2,
        validators=[MaxValueValidator(9)],
        help_text=_("How often the sound is played again without a valid choice."),
    )
    timeout = models.PositiveSmallIntegerField(
        _("seconds for the first digit"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("From the end of the sound."),
    )
    barge_in = models.BooleanField(_("a digit interrupts the sound"), default=True)

    class Meta:
        verbose_name = _("menu")
        verbose_name_plural = _("menus")

    def settings(self) -> dict[str, Any]:
        choices = tuple(menu.Choice(choice.digit, choice.label) for choice in self.choices.all()) if self.pk else ()
        return {
            "prompt": self.prompt_id,
            "choices": choices,
            "repeat": self.repeat,
            "timeout": float(self.timeout),
            "barge_in": self.barge_in,
        }


class MenuChoice(FrozenWithVersion):
    step = models.ForeignKey(MenuStep, models.CASCADE, related_name="choices")
    digit = models.CharField(_("digit"), max_length=1, choices=[(digit, digit) for digit in menu.DIGITS])
    label = models.CharField(_("choice"), max_length=40, help_text=_("What the caller chooses; agents see it."))

    class Meta:
        ordering = ["id"]
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "digit"], name="digit_once_per_menu", violation_error_message=_("Another choice has this digit.")
            )
        ]

    def __str__(self) -> str:
        return f"{self.digit} {self.label}"

    @property
    def exit_name(self) -> str:
        return self.digit

    def of_version(self) -> FlowVersion:
        return self.step.version


class QueueStep(StepOfKind):
    KIND = queue.Queue

    queue = models.ForeignKey("queues.Queue", models.PROTECT, null=True, blank=True, verbose_name=_("queue"), related_name="+")

    class Meta:
        verbose_name = _("queue step")
        verbose_name_plural = _("queue steps")

    def settings(self) -> dict[str, Any]:
        return {"queue": self.queue_id}


class DialStep(StepOfKind):
    KIND = dial.Dial

    number = models.CharField(
        _("number"),
        max_length=16,
        blank=True,
        validators=[RegexValidator(rf"^{dial.E164.pattern}$", _("Begin with + and the country code, digits only."))],
        help_text=_("With country code, for instance +4722334455."),
    )
    timeout = models.PositiveSmallIntegerField(
        _("ringing (seconds)"), default=30, validators=[MinValueValidator(5), MaxValueValidator(120)]
    )

    class Meta:
        verbose_name = _("dial a number")
        verbose_name_plural = _("dial a number")

    def settings(self) -> dict[str, Any]:
        return {"number": self.number, "timeout": float(self.timeout)}


class HangUpStep(StepOfKind):
    KIND = hang_up.HangUp

    class Meta:
        verbose_name = _("hang up")
        verbose_name_plural = _("hang up")


class OpeningHoursStep(StepOfKind):
    KIND = opening_hours.OpeningHours
    PARTS = tuple(f"calendar__{part}" for part in hours.PARTS)

    calendar = models.ForeignKey("hours.Calendar", models.PROTECT, null=True, blank=True, verbose_name=_("opening hours"), related_name="+")

    class Meta:
        verbose_name = _("opening hours step")
        verbose_name_plural = _("opening hours steps")

    def settings(self) -> dict[str, Any]:
        return {"calendar": self.calendar_id, "names": hours.exit_names(self.calendar) if self.calendar else ()}


TABLES: dict[str, type[StepOfKind]] = {
    table.kind_name(): table
    for table in (
        MessageStep,
        MenuStep,
        CollectStep,
        ConditionStep,
        SetVariableStep,
        QueueStep,
        DialStep,
        WebRequestStep,
        VoicemailStep,
        CallbackStep,
        SurveyStep,
        HangUpStep,
        OpeningHoursStep,
        RecordSoundStep,
    )
}
PARTS: tuple[Any, ...] = (  # rows that belong to a step of a kind, by their `step`
    MessageSound,
    MenuChoice,
    WebReading,
    WebBranch,
    ConditionBranch,
)
