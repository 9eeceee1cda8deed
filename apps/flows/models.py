"""Call flows: a flow has versions, a version has steps, a step has exits that lead to steps (IV-01, IV-06).

The fields of each step kind are a table of their own (see kinds/), so that what a step plays or where it queues is a
real foreign key: a sound or a queue in use cannot be deleted.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel


class Flow(ConfigurationModel):
    name = models.CharField(_("name"), max_length=80, unique=True)
    language = models.CharField(_("language"), max_length=5, choices=[("nb", _("Norwegian")), ("en", _("English"))], default="nb")

    class Meta:
        ordering = ["name"]
        verbose_name = _("call flow")
        verbose_name_plural = _("call flows")

    def __str__(self) -> str:
        return self.name


class FlowVersion(ConfigurationModel):
    STATES = [("draft", _("Draft")), ("active", _("Active")), ("archived", _("Archived"))]

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=10, choices=STATES, default="draft")
    start = models.ForeignKey("flows.Step", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("first step"))
    default_exit = models.ForeignKey("flows.Step", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("step after a fault"))
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["flow", "-number"]
        verbose_name = _("flow version")
        verbose_name_plural = _("flow versions")
        constraints = [
            models.UniqueConstraint(fields=["flow", "number"], name="version_once_per_flow"),
            models.UniqueConstraint(fields=["flow"], condition=models.Q(state="active"), name="one_active_version_per_flow"),
        ]

    def __str__(self) -> str:
        return f"{self.flow} v{self.number}"


class Step(ConfigurationModel):
    version = models.ForeignKey(FlowVersion, models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=20, editable=False)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="step_name_once_per_version")]

    def __str__(self) -> str:
        return self.name


class Exit(ConfigurationModel):
    """One wired exit of a step."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="exits")
    name = models.CharField(_("exit"), max_length=40)
    target = models.ForeignKey(Step, models.CASCADE, related_name="+", verbose_name=_("leads to"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["step", "name"], name="exit_once_per_step")]

    def __str__(self) -> str:
        return f"{self.name}"
