"""Call flows: a flow has versions, a version has steps, a step has exits that lead to steps (IV-01, IV-06).

Only drafts can be changed; `VersionIsFrozen` meets whoever tries to change the steps of another version. The tables of the kinds of
steps build on `StepOfKind`; models.py lists them all.
"""

from typing import Any, ClassVar, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel
from apps.flows import kinds


def shown_as() -> models.CharField:
    """SP-04: of whatever becomes a variable."""
    return models.CharField(
        _("agents see it as"),
        max_length=40,
        blank=True,
        help_text=_("The name of the value on the agent's card, for instance Customer number. Empty: agents do not see it there."),
    )


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
    revision = models.PositiveIntegerField(default=0, editable=False)  # of a draft: grows with each change (see drafts.py)
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


class StepOfKind(Step):
    """What the kinds' tables have in common: they know their kind, and how to become its frozen struct."""

    KIND: type[kinds.AnyStep]
    PARTS: ClassVar[tuple[str, ...]] = ()  # names of the relations to rows that belong to a step, to be read with it

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
