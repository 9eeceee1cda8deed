"""What agents write about their calls. Text of people about people: it is shown with the call, goes with it, and stands in no log."""

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST = 4000  # characters


class Note(models.Model):
    """One agent's note about one call. The call's own row may come later: it is made from the journal, a note is not (decision 52)."""

    call = models.ForeignKey("calls.Call", models.CASCADE, db_constraint=False, related_name="notes", verbose_name=_("call"))
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("agent"))
    text = models.TextField(_("note"), blank=True, validators=[MaxLengthValidator(LONGEST)])
    revision = models.PositiveIntegerField(default=1, editable=False)  # one more with each writing
    written_at = models.DateTimeField(_("written"))

    class Meta:
        ordering = ["written_at"]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [models.UniqueConstraint(fields=["call", "agent"], name="one_note_per_agent_and_call")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.agent_id}"
