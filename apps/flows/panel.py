"""A form of admin as a part of another page: the editor shows the forms of steps beside the diagram and saves them by itself.

With ?panel=1 a form comes without the page around it. What is posted with it is answered in JSON: errors by the names of
their fields, or what has become of the rows of its inlines, so that the page goes on with the form that it has.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.response import TemplateResponse

INVALID = 422  # RFC 9110 15.5.21: understood, and not to be done as it is


def in_panel(request: HttpRequest) -> bool:
    return request.GET.get("panel") == "1"


def fragment(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    return TemplateResponse(request, "flows/editor/form.html", context)


def refusal(context: dict[str, Any]) -> JsonResponse:
    """Errors by field. "" is the form as a whole, a formset's prefix that formset."""
    form = context["adminform"].form
    errors = {form.add_prefix(name) if name != "__all__" else "": list(texts) for name, texts in form.errors.items()}
    for formset in (inline.formset for inline in context["inline_admin_formsets"]):
        errors |= {formset.prefix: list(formset.non_form_errors())} if formset.non_form_errors() else {}
        for row in formset.forms:
            own = {row.add_prefix(name) if name != "__all__" else row.prefix: list(texts) for name, texts in row.errors.items()}
            errors |= own
    return JsonResponse({"code": "invalid", "errors": errors}, status=INVALID)


def fates(formsets: list[Any]) -> dict[str, list[int | None]]:
    """Prefix -> id of each row as it was posted; None: it is not there (any more)."""
    return {formset.prefix: [_fate(formset, form) for form in formset.forms] for formset in formsets}


def _fate(formset: Any, form: Any) -> int | None:
    deleted = formset.can_delete and formset._should_delete_form(form)
    return None if deleted else form.instance.pk
