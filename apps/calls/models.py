"""What happened: calls, their legs and their time line. Written from events only (services.py)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Call(models.Model):
    """One caller's call from start to end. What it refers to may be deleted later: the time line keeps the names."""

    KINDS = [("inbound", _("Inbound")), ("outbound", _("Outbound")), ("system", _("Made by the system"))]

    id = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField(_("started"), db_index=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    caller = models.CharField(_("caller"), max_length=40, blank=True, db_index=True)
    caller_name = models.CharField(_("caller's name"), max_length=120, blank=True)
    dialled = models.CharField(_("dialled"), max_length=40)
    forwarded_from = models.CharField(_("forwarded from"), max_length=40, blank=True)
    access_number = models.ForeignKey("numbers.AccessNumber", models.SET_NULL, null=True, verbose_name=_("access number"))
    trunk = models.ForeignKey("numbers.Trunk", models.SET_NULL, null=True, verbose_name=_("trunk"))
    flow_version = models.ForeignKey("flows.FlowVersion", models.SET_NULL, null=True, verbose_name=_("flow version"))
    queue = models.ForeignKey("queues.Queue", models.SET_NULL, null=True, verbose_name=_("queue"))
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("agent"))
    disposition = models.ForeignKey("queues.Disposition", models.SET_NULL, null=True, verbose_name=_("disposition"))
    waited = models.FloatField(_("waited (s)"), default=0)
    talked = models.FloatField(_("talked (s)"), default=0)
    holds = models.PositiveIntegerField(_("times on hold"), default=0)
    held = models.FloatField(_("on hold (s)"), default=0)
    consults = models.PositiveIntegerField(_("consults"), default=0)
    transferred = models.BooleanField(_("transferred"), default=False)
    cause = models.CharField(_("ended by"), max_length=40, blank=True)
    test = models.BooleanField(_("test call"), default=False)
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS, default="inbound")
    contact_name = ""  # whom the directory has for `caller` now; filled in by pages that show it
    last_seq = models.BigIntegerField(default=0, editable=False)  # the newest fact in this row: older ones change nothing

    class Meta:
        ordering = ["-started_at"]
        verbose_name = _("call")
        verbose_name_plural = _("calls")

    def __str__(self) -> str:
        return self.id


class Leg(models.Model):
    id = models.CharField(max_length=64, primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="legs")
    role = models.CharField(max_length=20)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    number = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    connected_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    code = models.PositiveSmallIntegerField(null=True)
    talked = models.FloatField(null=True)  # seconds of conversation, hold included; null: none, or it is not over yet
    received = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    jitter_ms = models.FloatField(default=0)
    rtt_ms = models.FloatField(default=0)
    mos = models.FloatField(null=True)  # how it sounded to us (contactcenter/lib/mos.py); null: nothing was received
    sent = models.PositiveIntegerField(default=0)  # 0: what became of it is not known; else the other end reports the next two
    sent_lost = models.PositiveIntegerField(default=0)
    sent_jitter_ms = models.FloatField(default=0)
    sent_mos = models.FloatField(null=True)  # how it sounded to the other end

    class Meta:
        ordering = ["started_at"]
        indexes = [models.Index(fields=["agent", "-started_at"], name="calls_leg_of_agent")]  # his day, among all calls ever made

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class TimeLineEntry(models.Model):
    """AR-02: one line of what happened in a call; `seq` is the event's."""

    seq = models.BigIntegerField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="time_line")
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    data = models.JSONField()  # the event
    names = models.JSONField(default=dict)  # "agent:17" -> what was called so at that time

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"


class SurveyAnswer(models.Model):
    """What one caller answered to one question; `seq` is the event's."""

    seq = models.BigIntegerField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, related_name="survey_answers", verbose_name=_("call"))
    at = models.DateTimeField(_("time"), db_index=True)
    flow = models.ForeignKey("flows.Flow", models.SET_NULL, null=True, verbose_name=_("call flow"))
    question = models.CharField(_("question"), max_length=80, db_index=True)
    answer = models.PositiveSmallIntegerField(_("answer"))

    class Meta:
        ordering = ["-seq"]
        verbose_name = _("survey answer")
        verbose_name_plural = _("survey answers")

    def __str__(self) -> str:
        return f"{self.question}: {self.answer}"
