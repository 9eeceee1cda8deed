"""OB-04: contacts that everybody shares, the words by which they are found, and imports of them."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_reference() -> str:
    """Begins with a letter: a spreadsheet would make a number of what looks like one."""
    return f"k{secrets.token_hex(6)}"


class Contact(models.Model):
    """`services.index` must follow whatever is written here or in the numbers."""

    name = models.CharField(_("name"), max_length=120, db_index=True)
    company = models.CharField(_("company"), max_length=120, blank=True)
    tags = models.CharField(
        _("tags"), max_length=200, blank=True, help_text=_("Words to find the contact by, with commas between them: supplier, oslo.")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
    reference = models.CharField(
        _("reference"), max_length=40, unique=True, blank=True, default=new_reference,
        help_text=_("By which an import finds the contact. Made by itself; may be the customer's number in another system."),
        error_messages={"unique": _("Another contact has this reference.")},
    )  # fmt: skip
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")

    def __str__(self) -> str:
        return f"{self.name}, {self.company}" if self.company else self.name


class ContactNumber(models.Model):
    """Several contacts may have the same number: a switchboard, a shared telephone."""

    KINDS = [("mobile", _("Mobile")), ("work", _("Work")), ("home", _("Home")), ("other", _("Other"))]

    contact = models.ForeignKey(Contact, models.CASCADE, db_index=False, related_name="numbers", verbose_name=_("contact"))
    number = models.CharField(
        _("number"), max_length=20, db_index=True, help_text=_("As it is dialled here, or with + and country code.")
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=10, choices=KINDS, default="mobile")

    class Meta:
        ordering = ["pk"]
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "number"], name="contact_has_a_number_once", violation_error_message=_("It is here already.")
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class SearchWord(models.Model):
    """Bytes (UTF-8), because every database orders bytes alike: an index then finds a beginning (decision 50)."""

    contact = models.ForeignKey(Contact, models.CASCADE, db_index=False, related_name="words")
    word = models.BinaryField(max_length=40, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "word"], name="contact_has_a_word_once")]
        indexes = [models.Index(fields=["word", "contact"], name="contacts_by_word")]

    def __str__(self) -> str:
        return f"word {self.pk}"


class ContactImport(models.Model):
    """A file of contacts on its way (imports.py). `faults`: [row, column, code, detail]; `preview`: what imports._told keeps."""

    STATES = [(state, state) for state in ("checking", "faulty", "checked", "importing", "done", "discarded", "failed")]

    name = models.CharField(max_length=120)
    content = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="checking", db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    try_at = models.DateTimeField(null=True)  # not before; None: at once
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    ignored = models.JSONField(default=list)  # columns that are not understood
    faults = models.JSONField(default=list)
    preview = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)  # of what was shown
    overtaken = models.BooleanField(default=False)  # the directory changed after it was shown, so it is shown again

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"import {self.pk}"
