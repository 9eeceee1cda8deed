"""Where agents may call, and which numbers are shown to whom they call."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel
from apps.numbers.models import Refusals
from apps.numbers.validation import number
from apps.outbound import validation


class PrefixRule(ConfigurationModel):
    """OB-02: numbers that begin so may be called, or not. The longest rule that fits a number decides."""

    prefix = models.CharField(
        _("number begins with"), max_length=20, unique=True,
        help_text=_("+ and the first digits, country code first: +47829. + alone stands for all numbers. The longest that fits decides."),
    )  # fmt: skip
    allowed = models.BooleanField(
        _("may be called"), default=False,
        help_text=_("That a whole country may be called does not open its premium numbers; a longer rule does."),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ["prefix"]
        verbose_name = _("rule for calls out")
        verbose_name_plural = _("rules for calls out")

    def __str__(self) -> str:
        return self.prefix

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "prefix", validation.prefix)
        refusals.raise_if_any()


class CallerId(ConfigurationModel):
    """OB-01: a number that may be shown to people whom agents call, and who may choose it."""

    number = models.CharField(
        _("number"), max_length=20, unique=True,
        help_text=_("Usually an access number, so that whoever calls back reaches you. The operator must allow it."),
    )  # fmt: skip
    name = models.CharField(_("name"), max_length=80, blank=True, help_text=_("What agents see beside the number."))
    position = models.PositiveSmallIntegerField(
        _("position"), default=1, help_text=_("The lowest of those that an agent may choose is what he gets if he does not choose.")
    )
    everybody = models.BooleanField(_("for everybody"), default=True, help_text=_("Else only for the teams and profiles below."))
    teams = models.ManyToManyField("accounts.Team", verbose_name=_("teams"), blank=True, related_name="+")
    profiles = models.ManyToManyField(
        "accounts.Profile", verbose_name=_("profiles"), blank=True, related_name="+",
        help_text=_("Whoever is logged on with one of these may choose it, whichever his team."),
    )  # fmt: skip
    queue = models.ForeignKey(
        "queues.Queue", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("dispositions of queue"),
        help_text=_(
            "Who has called out with this number chooses from this queue's dispositions how the call went, before his wrap-up ends "
            "if the queue demands it. Empty: nothing is chosen."
        ),
    )  # fmt: skip

    class Meta:
        ordering = ["position", "number"]
        verbose_name = _("caller id")
        verbose_name_plural = _("caller ids")

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "number", lambda text: number(text, short=False))
        refusals.raise_if_any()
