"""Call flows: a flow has versions, a version has steps, a step has exits that lead to steps (IV-01, IV-06).

The fields of each step kind are a table of their own, below, so that what a step plays or where it queues is a real
foreign key: a sound or a queue in use cannot be deleted. How a kind behaves is in kinds/. Only drafts can be changed;
`VersionIsFrozen` meets whoever tries to change the steps of another version.
"""

from typing import Any, cast

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel
from apps.flows import kinds
from apps.flows.kinds import dial, hang_up, menu, message, queue


class VersionIsFrozen(Exception):
    """An active or archived version was to be changed; make a draft of it instead."""

    code = "version_is_frozen"


class Flow(ConfigurationModel):
    name = models.CharField(_("name"), max_length=80, unique=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=[("nb", _("Norwegian")), ("en", _("English"))],
        default="nb",
        help_text=_("In which language the sounds are played."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("call flow")
        verbose_name_plural = _("call flows")

    def __str__(self) -> str:
        return self.name


class FlowVersion(models.Model):
    STATES = [("draft", _("Draft")), ("active", _("Active")), ("archived", _("Archived"))]

    flow = models.ForeignKey(Flow, models.CASCADE, verbose_name=_("call flow"), related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="draft")
    start = models.ForeignKey("flows.Step", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first step"))
    default_exit = models.ForeignKey(
        "flows.Step",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("step after a fault"),
        help_text=_("Where a caller goes when a step is broken and its own error exit leads nowhere."),
    )
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("published by")
    )

    class Meta:
        ordering = ["flow", "-number"]
        verbose_name = _("flow version")
        verbose_name_plural = _("flow versions")
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="version_once_per_flow"),
            models.UniqueConstraint(fields=["flow"], condition=models.Q(state="active"), name="one_active_version_per_flow"),
            models.UniqueConstraint(fields=["flow"], condition=models.Q(state="draft"), name="one_draft_per_flow"),
        ]

    def __str__(self) -> str:
        return f"{self.flow} v{self.number}"

    @property
    def editable(self) -> bool:
        return self.state == "draft"


class FrozenWithVersion(models.Model):
    """A part of a version: saved and deleted only while that is a draft."""

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        self._refuse_unless_draft()
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs) -> tuple[int, dict[str, int]]:
        self._refuse_unless_draft()
        return super().delete(*args, **kwargs)

    def of_version(self) -> FlowVersion:
        raise NotImplementedError

    def _refuse_unless_draft(self) -> None:
        version = self.of_version()
        if not version.editable:
            raise VersionIsFrozen(str(version))


class Step(FrozenWithVersion):
    version = models.ForeignKey(FlowVersion, models.CASCADE, related_name="steps")
    kind = models.CharField(_("kind"), max_length=20, editable=False)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["id"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "name"], name="step_name_once_per_version", violation_error_message=_("Another step has this name.")
            )
        ]

    def __str__(self) -> str:
        return self.name

    def of_version(self) -> FlowVersion:
        return self.version


class Exit(FrozenWithVersion):
    """One wired exit of a step."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="exits")
    name = models.CharField(_("exit"), max_length=40)
    target = models.ForeignKey(Step, models.CASCADE, related_name="+", verbose_name=_("leads to"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "name"], name="exit_once_per_step")]

    def __str__(self) -> str:
        return f"{self.name}"

    def of_version(self) -> FlowVersion:
        return self.step.version


# -- one table per kind of step


class StepOfKind(Step):
    """What the kinds' tables have in common: they know their kind, and how to become its frozen struct."""

    KIND: type[kinds.AnyStep]

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        self.kind = self.kind_name()
        super().save(*args, **kwargs)

    @classmethod
    def kind_name(cls) -> str:
        return str(cls.KIND.__struct_config__.tag)

    def frozen(self, exits: dict[str, int]) -> kinds.AnyStep:
        """This row and its parts as the interpreter uses them."""
        return cast("kinds.AnyStep", self.KIND(id=self.pk or 0, name=self.name, exits=exits, **self.settings()))

    def settings(self) -> dict[str, Any]:
        return {}


class MessageStep(StepOfKind):
    KIND = message.Message

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")

    def settings(self) -> dict[str, Any]:
        return {"prompts": tuple(sound.prompt_id for sound in self.sounds.all())} if self.pk else {}


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


TABLES: dict[str, type[StepOfKind]] = {table.kind_name(): table for table in (MessageStep, MenuStep, QueueStep, DialStep, HangUpStep)}
PARTS: tuple[Any, ...] = (MessageSound, MenuChoice)  # rows that belong to a step of a kind, by their `step`
