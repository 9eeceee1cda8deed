"""Trunks to telephone operators, and the numbers that callers dial."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel
from apps.numbers import validation
from contactcenter.lib.secret_field import EncryptedTextField


class Refusals(dict[str, Any]):
    """Collects what is wrong, field by field, so that everything is told at once."""

    def try_field(self, row: models.Model, field: str, clean: Callable[[str], str]) -> None:
        try:
            setattr(row, field, clean(getattr(row, field)))
        except ValidationError as refusal:
            self[field] = refusal

    def raise_if_any(self) -> None:
        if self:
            raise ValidationError(self)


class Trunk(ConfigurationModel):
    """AN-03: a connection to an operator."""

    CODECS = [
        ("", _("As the operator likes: both kinds of G.711")),
        ("PCMA PCMU", _("G.711 A-law, else µ-law")),
        ("PCMU PCMA", _("G.711 µ-law, else A-law")),
        ("PCMA", _("G.711 A-law only")),
        ("PCMU", _("G.711 µ-law only")),
    ]
    FORMATS = [
        ("plus", _("With country code and +: +4722334455")),
        ("digits", _("With country code, without +: 4722334455")),
        ("national", _("As dialled in the country: 22334455")),
    ]

    name = models.CharField(_("name"), max_length=80, unique=True)
    host = models.CharField(
        _("host"), max_length=200, blank=True,
        help_text=_("Where outgoing calls are sent, as host or host:port. Empty: no calls go out over this trunk."),
    )  # fmt: skip
    sources = models.TextField(
        _("allowed sources"), help_text=_("One IP address or network per line; calls from anywhere else are dropped.")
    )
    transport = models.CharField(_("transport"), max_length=3, choices=[("udp", "UDP"), ("tcp", "TCP")], default="udp")
    maximum_calls = models.PositiveSmallIntegerField(
        _("maximum calls"), default=30, help_text=_("Over it a caller gets 503 with Retry-After.")
    )
    preference = models.PositiveSmallIntegerField(
        _("order for calls out"), default=1,
        help_text=_("Calls go out over the trunk with the lowest number that answers, is registered and has room; else over the next."),
    )  # fmt: skip
    caller_id = models.CharField(
        _("caller id presented"), max_length=20, blank=True,
        help_text=_(
            "The number that people see whom we call: agents on their external phones, whom a call flow dials, and whom agents call "
            "who have no caller id of their own to show. Empty: it is withheld."
        ),
    )  # fmt: skip
    codecs = models.CharField(_("codecs"), max_length=20, blank=True, choices=CODECS, default="")
    number_format = models.CharField(
        _("number format"), max_length=10, choices=FORMATS, default="plus",
        help_text=_("How this operator writes numbers. We send them so; what comes in is understood in any of them that leaves no doubt."),
    )  # fmt: skip
    ping = models.BooleanField(
        _("ask whether it answers"), default=True,
        help_text=_("Every half minute (SIP OPTIONS). It shows in “Trunk health”, and calls out avoid a trunk that is away."),
    )  # fmt: skip
    register = models.BooleanField(
        _("register"), default=False, help_text=_("Only for operators who want it: they then send calls to where we registered from.")
    )
    registrar = models.CharField(
        _("registrar"),
        max_length=200,
        blank=True,
        help_text=_("Where to register, as host or host:port. Empty: the host of outgoing calls."),
    )
    domain = models.CharField(
        _("domain"), max_length=200, blank=True, help_text=_("The part after @ in the account's address. Empty: the registrar's name.")
    )
    user = models.CharField(
        _("user name"),
        max_length=80,
        blank=True,
        help_text=_("The account at the operator: it registers, and answers when calls out must prove who calls."),
    )
    auth_user = models.CharField(
        _("name for the password"),
        max_length=80,
        blank=True,
        help_text=_("If the operator gave another name to log in with. Empty: the user name."),
    )
    password = EncryptedTextField(_("password"), blank=True, help_text=_("Kept encrypted; nobody can read it here again."))
    register_seconds = models.PositiveIntegerField(
        _("registration lasts (s)"), default=300, validators=[MinValueValidator(10), MaxValueValidator(86_400)],
        help_text=_("It is renewed in time. An operator who wants longer ones says so by himself."),
    )  # fmt: skip
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("trunk")
        verbose_name_plural = _("trunks")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "sources", validation.sources)
        for field in ("host", "registrar", "domain"):
            refusals.try_field(self, field, validation.host)
        for field in ("user", "auth_user"):
            refusals.try_field(self, field, validation.user)
        self._refuse_half_an_account(refusals)
        if self.caller_id:
            refusals.try_field(self, "caller_id", lambda text: validation.number(text, short=True))
        refusals.raise_if_any()

    def _refuse_half_an_account(self, refusals: Refusals) -> None:
        missing = _("This is needed to register.")
        if self.register and not self.user:
            refusals.setdefault("user", missing)
        if self.register and not self.password:
            refusals.setdefault("password", missing)
        if self.register and not (self.registrar or self.host):
            refusals.setdefault("registrar", _("Write where to register, or where outgoing calls are sent."))
        if self.password and not (self.user or self.auth_user):
            refusals.setdefault("user", _("A password without a name is of no use."))


class AccessNumber(ConfigurationModel):
    """AN-01, AN-04: a number that callers dial, and the flow it leads to."""

    KINDS = [("national", _("National")), ("geographic", _("Geographic")), ("freephone", _("Freephone")), ("short", _("Short number"))]

    number = models.CharField(
        _("number"), max_length=20, unique=True, help_text=_("With country code, for instance +4722334455, or a short number.")
    )
    name = models.CharField(_("name"), max_length=80, blank=True)
    flow = models.ForeignKey("flows.Flow", models.PROTECT, verbose_name=_("call flow"), related_name="access_numbers")
    kind = models.CharField(_("kind"), max_length=20, choices=KINDS, default="national")
    operator = models.CharField(_("operator"), max_length=80, blank=True)
    tariff_note = models.CharField(_("tariff note"), max_length=200, blank=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["number"]
        verbose_name = _("access number")
        verbose_name_plural = _("access numbers")

    def __str__(self) -> str:
        return f"{self.number} {self.name}".strip()

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "number", lambda text: validation.number(text, short=self.kind == "short"))
        refusals.raise_if_any()


class NumberList(ConfigurationModel):
    """Numbers that conditions of call flows ask for: customers to be preferred, callers to be refused."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    entries = models.TextField(
        _("numbers"),
        blank=True,
        help_text=_("One per line, 100,000 at most. A star stands for any ending: +4790*. Paste a column of a spreadsheet as it is."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("number list")
        verbose_name_plural = _("number lists")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        refusals = Refusals()
        refusals.try_field(self, "entries", validation.number_list)
        refusals.raise_if_any()
