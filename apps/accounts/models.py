"""People: users with one role and one team, and the profiles that agents log on with."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.events.models import ConfigurationModel

RECORDING_OF_CALLS_OUT = [("off", _("Off")), ("pausable", _("On, the agent may pause it")), ("forced", _("Always"))]
LANGUAGES = [("nb", _("Norwegian")), ("en", _("English"))]


class Team(ConfigurationModel):
    """People who work together; the rules that log an agent off by himself are theirs (AL-01 to AL-03, AS-03)."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    log_off_at_midnight = models.BooleanField(_("log off at midnight"), default=False)
    log_off_after_unanswered = models.PositiveSmallIntegerField(
        _("log off after unanswered offers"),
        default=0,
        help_text=_("Consecutive offers without answer before the agent is logged off; 0 = never."),
    )
    log_off_after_errors = models.PositiveSmallIntegerField(
        _("log off after errors"), default=5, help_text=_("Consecutive errors of the agent's phone before he is logged off; 0 = never.")
    )
    busy_seconds = models.PositiveSmallIntegerField(_("seconds busy after a rejected call"), default=10, validators=[MaxValueValidator(30)])
    no_answer_seconds = models.PositiveSmallIntegerField(
        _("seconds away after an unanswered call"), default=10, validators=[MaxValueValidator(30)]
    )
    confirm_external = models.BooleanField(
        _("an external phone must confirm with a key"), default=False,
        help_text=_(
            "Whoever answers it hears that there is a call, and takes it with 1. So no mailbox takes customers; "
            "they hear their music meanwhile and keep their place."
        ),
    )  # fmt: skip
    calls_out_a_day = models.PositiveSmallIntegerField(
        _("calls out a day"), default=200, help_text=_("How many calls each agent of the team may begin in a day; 0 = none.")
    )
    record_calls_out = models.CharField(
        _("recording of calls out"), max_length=10, choices=RECORDING_OF_CALLS_OUT, default="off",
        help_text=_("From the answer of whom the agent calls."),
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    TEAM_LEADER = "team_leader", _("Team leader")
    AGENT = "agent", _("Agent")
    WALLBOARD = "wallboard", _("Wallboard")
    API = "api", _("API")


class People(UserManager["User"]):
    """`manage.py createsuperuser` asks for no team and makes an administrator."""

    def create_superuser(self, username: str, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        if fields.get("team") is None:
            fields["team"], _created = Team.objects.get_or_create(name="Administration")
        return super().create_superuser(username, email, password, **{**fields, "role": Role.ADMINISTRATOR})


class User(AbstractUser, ConfigurationModel):
    """Somebody who signs in. An agent's id in the whole product is this user's id."""

    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.AGENT)
    team = models.ForeignKey(Team, models.PROTECT, verbose_name=_("team"), related_name="users")
    language = models.CharField(_("language"), max_length=5, default="nb", choices=LANGUAGES)
    auto_answer = models.BooleanField(_("answer by itself"), default=False)

    objects: ClassVar[People] = People()
    REQUIRED_FIELDS = ["email"]

    class Meta(AbstractUser.Meta):
        pass

    def save(self, *args: Any, **kwargs: Any) -> None:
        """The role alone says who may open admin and do everything there; Django's two flags follow it."""
        self.is_superuser = self.role == Role.ADMINISTRATOR
        self.is_staff = self.role in (Role.ADMINISTRATOR, Role.TEAM_LEADER)
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class PhoneCode(ConfigurationModel):
    """What `user` proves himself with on the telephone (AU-02): only the keyed digest of it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="phone_code", verbose_name=_("user"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made"), auto_now=True)

    class Meta:
        verbose_name = _("telephone code")
        verbose_name_plural = _("telephone codes")

    def __str__(self) -> str:
        return f"{self.user}"


class Skill(ConfigurationModel):
    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")

    def __str__(self) -> str:
        return self.name


class Profile(ConfigurationModel):
    """AS-06: a named set of skills with levels that an agent logs on with; a team's, or one person's own."""

    name = models.CharField(_("name"), max_length=80)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, verbose_name=_("team"), related_name="profiles")
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, verbose_name=_("user"), related_name="own_profiles")
    wrap_up = models.PositiveSmallIntegerField(_("wrap-up (seconds)"), default=30)
    wrap_up_extension = models.PositiveSmallIntegerField(
        _("wrap-up may be extended by (seconds)"),
        default=120,
        validators=[MaxValueValidator(3600)],
        help_text=_("In all, by the agent, in steps of 30 seconds. 0: not at all."),
    )
    wrap_up_calls_out = models.BooleanField(_("wrap-up after calls out too"), default=False)
    best_level_only = models.BooleanField(_("only queues of the highest level"), default=False)  # QU-04

    class Meta:
        ordering = ["name"]
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=True, user__isnull=False) | models.Q(team__isnull=False, user__isnull=True),
                name="profile_of_team_or_user",
                violation_error_message=_("A profile belongs either to a team or to one user."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProfileSkill(ConfigurationModel):
    profile = models.ForeignKey(Profile, models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, models.PROTECT, verbose_name=_("skill"))
    level = models.PositiveSmallIntegerField(_("level"), default=5, validators=[MinValueValidator(1), MaxValueValidator(9)])

    class Meta:
        verbose_name = _("skill with level")
        verbose_name_plural = _("skills with levels")
        constraints = [models.UniqueConstraint(fields=["profile", "skill"], name="skill_once_per_profile")]

    def __str__(self) -> str:
        return f"{self.skill} {self.level}"


class PauseReason(ConfigurationModel):
    name = models.CharField(_("name"), max_length=40, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("pause reason")
        verbose_name_plural = _("pause reasons")

    def __str__(self) -> str:
        return self.name


class PresenceEntry(models.Model):
    """AS-05: one status change of an agent, written from the journal."""

    seq = models.BigIntegerField(primary_key=True)
    agent = models.ForeignKey(User, models.CASCADE, related_name="presence_entries")
    at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=20)
    reason = models.CharField(max_length=80, blank=True)
    profile = models.ForeignKey(Profile, models.SET_NULL, null=True)
    phone = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.status}"
