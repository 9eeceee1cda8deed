"""A column for a secret: plain text in Python, sealed in the database, and a form field that never shows what is there.

password = EncryptedTextField(_("password"), blank=True)
"""

import logging
from typing import Any, Self

from django import forms
from django.core.exceptions import FieldError
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from contactcenter.lib.secrets import CannotOpenError, seal, unseal

log = logging.getLogger(__name__)

KEEP, REMOVE = "", "\0remove"  # what a form was told: nothing typed; the box ticked


class Unreadable(str):
    """A secret whose key was changed. It reads as empty and is stored again as it is: the key may come back."""

    token: str

    def __new__(cls, token: str) -> Self:
        made = super().__new__(cls, "")
        made.token = token
        return made


class EncryptedTextField(models.TextField):
    """What cannot be opened is `Unreadable`, and the log says where. It cannot be searched for."""

    def from_db_value(self, token: str | None, expression: Any, connection: Any) -> str:
        try:
            return unseal(token or "")
        except CannotOpenError:
            log.error("%s cannot be opened: was SECRET_KEY changed? Enter it anew, or add the old key to SECRET_KEY_FALLBACKS", self)
            return Unreadable(token or "")

    def get_prep_value(self, value: Any) -> str:
        return value.token if isinstance(value, Unreadable) else seal(str(value or ""))

    def get_lookup(self, lookup_name: str) -> Any:
        raise FieldError(f"{self}: what is sealed cannot be searched for")

    def formfield(self, **options: Any) -> Any:
        options.pop("widget", None)
        return SecretFormField(required=not self.blank, label=str(self.verbose_name).capitalize(), help_text=self.help_text)


class SecretInput(UnfoldAdminPasswordWidget):
    """Says whether there is a secret, never which; with a box to remove it."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        there = _is_there(value) and value != REMOVE
        said = gettext("Stored, and not shown. Type to replace it.") if there else ""
        if isinstance(value, Unreadable):
            said = gettext("Cannot be read any more. Enter it anew: the key of this installation was changed.")
        shown = {"autocomplete": "new-password", "placeholder": said}
        field = super().render(name, None, (attrs or {}) | shown, renderer)
        if not there or self.is_required:
            return field
        box = '{}<label style="display: flex; gap: 0.5rem; margin-top: 0.5rem"><input type="checkbox" name="{}-remove"> {}</label>'
        return format_html(box, field, name, gettext("Remove what is stored"))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        typed = super().value_from_datadict(data, files, name) or KEEP
        return REMOVE if not typed and data.get(f"{name}-remove") else typed


class SecretFormField(forms.CharField):
    """Left empty, the secret stays as it is."""

    widget = SecretInput

    def __init__(self, **options: Any) -> None:
        defaults: dict[str, Any] = {"label": _("Secret"), "strip": False, "max_length": 1_000}
        super().__init__(**defaults | options)

    def _clean_bound_field(self, field: forms.BoundField) -> str:
        """Django's own hook, by which file fields too know what was there before (django/forms/fields.py, FileField)."""
        if self.disabled or (field.data == KEEP and _is_there(field.initial)):
            return "" if field.initial is None else field.initial
        return "" if field.data == REMOVE else self.clean(field.data)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and data != KEEP and not (data == REMOVE and not _is_there(initial))


def _is_there(secret: str | None) -> bool:
    return bool(secret) or isinstance(secret, Unreadable)
