"""What was changed in a draft, step by step, so that it can be undone: `drafts.py` writes these rows, and nobody else."""

from django.db import models

from contactcenter.lib.secret_field import EncryptedTextField


class DraftChange(models.Model):
    """One change of a draft. It is gone when the draft is published.

    `rows`: what `states.difference` found, as JSON, sealed because a step may hold a secret. `what` and `words` tell it to people.
    `request` names the page's request that made it, `turned` the one that undid it or did it again last: a request that comes
    twice, because its answer was lost, is done once.
    """

    STATES = [("done", "done"), ("undone", "undone"), ("dropped", "dropped")]  # dropped: undone, and then something else was done

    version = models.ForeignKey("flows.FlowVersion", models.CASCADE, related_name="changes")
    revision = models.PositiveIntegerField()  # that the draft got when this was done, undone or done again last
    state = models.CharField(max_length=10, choices=STATES, default="done")
    what = models.CharField(max_length=20)
    words = models.JSONField(default=dict)
    steps = models.JSONField(default=list)  # ids of the steps that it touched
    rows = EncryptedTextField()
    by = models.ForeignKey("accounts.User", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    request = models.CharField(max_length=40, blank=True)
    turned = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["version", "request"], name="draft_change_request")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.what}"
