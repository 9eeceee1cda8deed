"""The tables of the kinds of steps that ask callers, and that decide by what is known of a call."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.flows import validation
from apps.flows.kinds import collect, condition, set_variable, survey
from apps.flows.rows import FlowVersion, FrozenWithVersion, StepOfKind, shown_as


class CollectStep(StepOfKind):
    KIND = collect.Collect

    CHECKS = [
        ("luhn", _("Luhn (cards, KID with MOD10)")),
        ("mod11", _("MOD11 (Norwegian account and organisation numbers)")),
        ("national_identity", _("Norwegian national identity number")),
    ]

    prompt = models.ForeignKey("audio.Prompt", models.PROTECT, null=True, blank=True, verbose_name=_("sound"), related_name="+")
    wrong = models.ForeignKey(
        "audio.Prompt",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("sound after a wrong value"),
        related_name="+",
        help_text=_("Played before the sound is played again."),
    )
    minimum = models.PositiveSmallIntegerField(_("fewest digits"), default=1, validators=[MaxValueValidator(collect.LONGEST)])
    maximum = models.PositiveSmallIntegerField(
        _("most digits"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(collect.LONGEST)],
        help_text=_("The value ends with #, with the last possible digit, or when no digit comes any more."),
    )
    first_timeout = models.PositiveSmallIntegerField(
        _("seconds for the first digit"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("From the end of the sound."),
    )
    digit_timeout = models.PositiveSmallIntegerField(
        _("seconds between digits"), default=3, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )
    check_digit = models.CharField(_("check digit"), max_length=20, choices=CHECKS, blank=True)
    pattern = models.CharField(
        _("pattern"),
        max_length=200,
        blank=True,
        validators=[validation.pattern],
        help_text=_("A regular expression for the whole value: 4[0-9]{7} are eight digits that begin with 4."),
    )
    confirm = models.BooleanField(
        _("read back"), default=True, help_text=_("Digit by digit; the caller confirms with # or types it again after *.")
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=3, validators=[MinValueValidator(1), MaxValueValidator(9)])
    barge_in = models.BooleanField(_("a digit interrupts the sound"), default=True)
    variable = models.CharField(
        _("variable"),
        max_length=40,
        blank=True,
        validators=[validation.own_variable],
        help_text=_("The name under which later steps find the value: small letters, digits and _, for instance customer_number."),
    )
    sensitive = models.BooleanField(
        _("sensitive"), default=False, help_text=_("Nobody sees the value: not in time lines, lists, logs or on agents' screens.")
    )

    shown_as = shown_as()

    class Meta:
        verbose_name = _("collect value")
        verbose_name_plural = _("collect value")

    def clean(self) -> None:
        if (self.minimum or 0) > (self.maximum or 0):
            raise ValidationError({"maximum": _("This is less than the fewest digits.")})
        if self.sensitive and self.shown_as:
            raise ValidationError({"shown_as": _("A sensitive value is shown to nobody: leave this empty, or the value is not sensitive.")})

    def settings(self) -> dict[str, Any]:
        same = ("minimum", "maximum", "pattern", "confirm", "tries", "barge_in", "variable", "sensitive", "shown_as")
        return {name: getattr(self, name) for name in same} | {
            "prompt": self.prompt_id,
            "wrong": self.wrong_id,
            "check": self.check_digit,
            "first_timeout": float(self.first_timeout),
            "digit_timeout": float(self.digit_timeout),
        }


class ConditionStep(StepOfKind):
    KIND = condition.Condition
    PARTS = ("branches",)

    class Meta:
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")

    def settings(self) -> dict[str, Any]:
        return {"branches": tuple(branch.frozen() for branch in self.branches.all())} if self.pk else {}


class ConditionBranch(FrozenWithVersion):
    """`slot` names the branch's exit (kinds/condition.py): given once, and kept when branches are moved."""

    OPERATORS = [
        ("is", _("is")),
        ("begins_with", _("begins with")),
        ("one_of", _("is one of")),
        (condition.MATCHES, _("matches the pattern")),
        (condition.EMPTY, _("is empty")),
        ("greater", _("is greater than")),
        ("less", _("is less than")),
        (condition.IN_LIST, _("is in the number list")),
    ]

    step = models.ForeignKey(ConditionStep, models.CASCADE, related_name="branches")
    slot = models.PositiveSmallIntegerField(editable=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    label = models.CharField(_("branch"), max_length=40, help_text=_("In your own words; agents see it."))
    variable = models.CharField(
        _("if"),
        max_length=40,
        default="caller",
        validators=[validation.variable],
        help_text=_("caller, dialled, forwarded_from, or a variable that a step has set."),
    )
    operator = models.CharField(_("condition"), max_length=20, choices=OPERATORS, default="is")
    value = models.CharField(_("value"), max_length=500, blank=True, help_text=_("Several for “is one of”: with commas between them."))
    numbers = models.ForeignKey(
        "numbers.NumberList", models.PROTECT, null=True, blank=True, verbose_name=_("number list"), related_name="+"
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        constraints = [models.UniqueConstraint(fields=["step", "slot"], name="slot_once_per_condition")]

    def __str__(self) -> str:
        return self.label

    def save(self, *args, **kwargs) -> None:
        if self.slot is None:
            last = ConditionBranch.objects.filter(step=self.step_id).aggregate(models.Max("slot"))["slot__max"]
            self.slot = (last or 0) + 1
        super().save(*args, **kwargs)

    def of_version(self) -> FlowVersion:
        return self.step.version

    def clean(self) -> None:
        validation.branch(self)

    @property
    def exit_name(self) -> str:
        return self.frozen().exit

    def frozen(self) -> condition.Branch:
        return condition.Branch(self.slot, self.label, self.variable, self.operator, self.value, self.numbers_id)


class SetVariableStep(StepOfKind):
    KIND = set_variable.SetVariable

    variable = models.CharField(
        _("variable"),
        max_length=40,
        blank=True,
        validators=[validation.own_variable],
        help_text=_("Small letters, digits and _, for instance priority."),
    )
    value = models.CharField(
        _("value"), max_length=200, blank=True, help_text=_("Names in braces stand for other variables: Customer {customer_number}.")
    )

    shown_as = shown_as()

    class Meta:
        verbose_name = _("set variable")
        verbose_name_plural = _("set variable")

    def settings(self) -> dict[str, Any]:
        return {"variable": self.variable, "value": self.value, "shown_as": self.shown_as}


class SurveyStep(StepOfKind):
    KIND = survey.Survey

    prompt = models.ForeignKey("audio.Prompt", models.PROTECT, null=True, blank=True, verbose_name=_("sound"), related_name="+")
    lowest = models.PositiveSmallIntegerField(_("lowest answer"), default=1, validators=[MaxValueValidator(9)])
    highest = models.PositiveSmallIntegerField(_("highest answer"), default=5, validators=[MaxValueValidator(9)])
    repeat = models.PositiveSmallIntegerField(
        _("repeats"),
        default=2,
        validators=[MaxValueValidator(9)],
        help_text=_("How often the sound is played again without an answer. Then the call goes on all the same."),
    )
    timeout = models.PositiveSmallIntegerField(
        _("seconds for the answer"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text=_("From the end of the sound."),
    )
    barge_in = models.BooleanField(_("a digit interrupts the sound"), default=True)

    class Meta:
        verbose_name = _("survey question")
        verbose_name_plural = _("survey questions")

    def clean(self) -> None:
        if (self.lowest or 0) >= (self.highest or 0):
            raise ValidationError({"highest": _("The highest answer must be above the lowest.")})

    def settings(self) -> dict[str, Any]:
        same = ("lowest", "highest", "repeat", "barge_in")
        return {name: getattr(self, name) for name in same} | {"prompt": self.prompt_id, "timeout": float(self.timeout)}
