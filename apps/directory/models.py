"""OB-04: contacts that everybody shares, and the words by which they are found."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Contact(models.Model):
    """`services.index` must follow whatever is written here or in the numbers."""

    name = models.CharField(_("name"), max_length=120, db_index=True)
    company = models.CharField(_("company"), max_length=120, blank=True)
    tags = models.CharField(
        _("tags"), max_length=200, blank=True, help_text=_("Words to find the contact by, with commas between them: supplier, oslo.")
    )
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.TextField(_("note"), max_length=2000, blank=True)
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
