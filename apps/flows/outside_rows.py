"""The tables of the kinds of steps that reach outside the call flow: web services, recordings, callbacks."""

import hmac
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.flows.kinds import callback, record_sound, voicemail, web
from apps.flows.rows import FlowVersion, FrozenWithVersion, StepOfKind, shown_as
from contactcenter.lib.secret_field import EncryptedTextField
from contactcenter.lib.secrets import seal

OURS = ("host", "content-length", "content-type", "transfer-encoding", "connection")  # headers that are not the administrator's
VARIABLE = RegexValidator(rf"^{web.VARIABLE.pattern}$", _("Small letters, digits and _, beginning with a letter."))


def names_of(text: str) -> tuple[str, ...]:
    """Names with commas or spaces between."""
    return tuple(text.replace(",", " ").split())


class WebRequestStep(StepOfKind):
    KIND = web.WebRequest
    PARTS = ("readings", "branches")

    url = models.CharField(
        _("address"),
        max_length=1000,
        blank=True,
        help_text=_("https://crm.example.com/customers/{caller}. Names in braces stand for variables of the call: caller, dialled, …"),
    )
    method = models.CharField(
        _("method"), max_length=4, default="GET", choices=[("GET", _("GET: only ask")), ("POST", _("POST: send variables as JSON"))]
    )
    sends = models.CharField(
        _("variables to send"),
        max_length=300,
        blank=True,
        default="caller, dialled",
        help_text=_("With POST, as one JSON object. With commas between: caller, dialled, forwarded_from, and those that steps have set."),
    )
    header_name = models.CharField(
        _("header"),
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", _("Letters, digits and hyphens."))],
        help_text=_("For instance Authorization."),
    )
    header_value = EncryptedTextField(
        _("secret value of the header"), blank=True, help_text=_("For instance Bearer, a space, and the key.")
    )
    branch_on = models.CharField(
        _("branch on"),
        max_length=100,
        blank=True,
        help_text=_("The word status for the status code, or where the value stands in the answer: customer.level. Empty: no branches."),
    )

    class Meta:
        verbose_name = _("web request")
        verbose_name_plural = _("web requests")

    def clean(self) -> None:
        if self.url and (wrong := web.wrong_with(self.url)):
            raise ValidationError({"url": gettext(wrong)})
        if self.header_name.lower() in OURS:
            raise ValidationError({"header_name": _("This header is set by the system.")})
        if not all(0x20 <= ord(sign) < 0x7F for sign in self.header_value):
            raise ValidationError({"header_value": _("A header has no line breaks, and no letters but a to z.")})
        if not all(web.VARIABLE.fullmatch(name) for name in names_of(self.sends)):
            raise ValidationError({"sends": _("These are no names of variables.")})
        if self.branch_on and not web.PATH.fullmatch(self.branch_on):
            raise ValidationError({"branch_on": _("Write it like customer.orders[0].id.")})

    def settings(self) -> dict[str, Any]:
        parts = {"readings": (), "branches": ()}
        if self.pk:
            parts = {name: tuple(part.frozen() for part in getattr(self, name).all()) for name in parts}
        secret = self.header_value if self.header_name else ""
        return parts | {
            "url": self.url, "method": self.method, "sends": names_of(self.sends) if self.method == "POST" else (),
            "header_name": self.header_name, "header": seal(secret), "header_mark": _mark(secret), "branch_on": self.branch_on,
        }  # fmt: skip


def _mark(secret: str) -> str:
    """Tells two secrets apart without telling either."""
    return hmac.digest(settings.SECRET_KEY.encode(), secret.encode(), "sha256").hex()[:12] if secret else ""


class VoicemailStep(StepOfKind):
    KIND = voicemail.Voicemail

    prompt = models.ForeignKey(
        "audio.Prompt",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("sound"),
        related_name="+",
        help_text=_("Before the tone. Say that # ends the message."),
    )
    maximum = models.PositiveSmallIntegerField(
        _("longest message (seconds)"), default=120, validators=[MinValueValidator(5), MaxValueValidator(900)]
    )
    minimum = models.PositiveSmallIntegerField(
        _("shortest message (seconds)"), default=2, validators=[MaxValueValidator(60)], help_text=_("A shorter one is not kept.")
    )
    review = models.BooleanField(
        _("ask whether to keep it"),
        default=True,
        help_text=_("1 saves, 2 plays it, 3 records it again. Whoever says nothing has it saved."),
    )
    team = models.ForeignKey(
        "accounts.Team",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("team"),
        related_name="+",
        help_text=_("Its leader can hear the messages, as administrators can."),
    )

    class Meta:
        verbose_name = _("voicemail step")
        verbose_name_plural = _("voicemail steps")

    def clean(self) -> None:
        if (self.minimum or 0) >= (self.maximum or 0):
            raise ValidationError({"maximum": _("The longest message must be longer than the shortest.")})

    def settings(self) -> dict[str, Any]:
        return {
            "prompt": self.prompt_id, "maximum": float(self.maximum), "minimum": float(self.minimum), "review": self.review,
            "team": self.team_id,
        }  # fmt: skip


class CallbackStep(StepOfKind):
    KIND = callback.Callback

    prompt = models.ForeignKey(
        "audio.Prompt",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("sound"),
        related_name="+",
        help_text=_("Played first, if you like. The question itself is spoken by the system."),
    )
    queue = models.ForeignKey(
        "queues.Queue",
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("queue"),
        related_name="+",
        help_text=_("Whose matter the callback is. Orders are listed under Callback orders; nobody is called by the system itself yet."),
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=3, validators=[MinValueValidator(1), MaxValueValidator(9)])

    class Meta:
        verbose_name = _("callback step")
        verbose_name_plural = _("callback steps")

    def settings(self) -> dict[str, Any]:
        return {"prompt": self.prompt_id, "queue": self.queue_id, "tries": self.tries, "country": settings.COUNTRY}


class RecordSoundStep(StepOfKind):
    KIND = record_sound.RecordSound

    class Meta:
        verbose_name = _("record a sound")
        verbose_name_plural = _("record a sound")


class WebReading(FrozenWithVersion):
    step = models.ForeignKey(WebRequestStep, models.CASCADE, related_name="readings")
    path = models.CharField(
        _("value of the answer"),
        max_length=100,
        validators=[RegexValidator(rf"^{web.PATH.pattern}$", _("Write it like customer.orders[0].id."))],
        help_text=_("Where it stands: customer.orders[0].id"),
    )
    variable = models.CharField(_("becomes the variable"), max_length=30, validators=[VARIABLE])
    shown_as = shown_as()

    class Meta:
        ordering = ["id"]
        verbose_name = _("value to keep")
        verbose_name_plural = _("values to keep")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "variable"],
                name="variable_once_per_request",
                violation_error_message=_("Another value becomes this variable."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} → {self.variable}"

    def of_version(self) -> FlowVersion:
        return self.step.version

    def clean(self) -> None:
        if self.variable in web.GIVEN:
            raise ValidationError({"variable": _("The numbers of the call itself stay as they are.")})

    def frozen(self) -> web.Reading:
        return web.Reading(self.path, self.variable, self.shown_as)


class WebBranch(FrozenWithVersion):
    step = models.ForeignKey(WebRequestStep, models.CASCADE, related_name="branches")
    value = models.CharField(_("value"), max_length=39, help_text=_("Exactly as it is answered: gold, true, 404."))
    label = models.CharField(_("branch"), max_length=40, blank=True, help_text=_("In your own words; agents see it."))

    class Meta:
        ordering = ["id"]
        verbose_name = _("branch of a web request")
        verbose_name_plural = _("branches of a web request")
        constraints = [
            models.UniqueConstraint(
                fields=["step", "value"], name="value_once_per_request", violation_error_message=_("Another branch has this value.")
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.label}".strip()

    def of_version(self) -> FlowVersion:
        return self.step.version

    @property
    def exit_name(self) -> str:
        return self.frozen().exit

    def frozen(self) -> web.Branch:
        return web.Branch(self.value, self.label)
