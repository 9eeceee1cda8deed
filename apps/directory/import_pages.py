"""The pages of imports in admin: choose a file, see what it would change, say yes, see how far it is."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.rights import who
from apps.directory import imports, sheet, wording
from apps.directory.models import Contact, ContactImport
from apps.directory.sheet import HEADERS, KINDS, LANGUAGES
from contactcenter.lib import phone

RIGHTS = ("directory.add_contact", "directory.change_contact")
FAULTS_SHOWN = 200  # the others are in the file of faults
LAST = 10
PLACE = "admin/directory/contact"
View = Callable[..., HttpResponse]


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("File"), widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv", "aria-describedby": "file-faults"}),
        error_messages={"required": _("Choose a file."), "empty": _("There are no contacts in the file.")},
    )  # fmt: skip

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > sheet.LARGEST:
            raise ValidationError(_("The file is larger than 5 MB. Divide it."))
        return file


def may_import(request: HttpRequest) -> bool:
    return who(request).has_perms(RIGHTS)


def addresses(site: AdminSite) -> list[URLPattern]:
    pages: list[tuple[str, str, View]] = [
        ("import/", "import", choose),
        ("import/<int:import_id>/", "imported", show),
        ("import/<int:import_id>/progress/", "import_progress", progress),
        ("import/<int:import_id>/faults/", "import_faults", faults),
        ("import/<int:import_id>/confirm/", "import_confirm", confirm),
        ("import/<int:import_id>/discard/", "import_discard", discard),
    ]
    return [path(address, site.admin_view(_allowed(view, site)), name=f"directory_contact_{name}") for address, name, view in pages]


def _allowed(view: View, site: AdminSite) -> View:
    def guarded(request: HttpRequest, **named: Any) -> HttpResponse:
        if not may_import(request):
            raise PermissionDenied
        return view(request, site, **named)

    return guarded


def _page(request: HttpRequest, site: AdminSite, template: str, status: int = 200, **context: Any) -> HttpResponse:
    shown = site.each_context(request) | {"title": gettext("Import contacts"), **context}
    return render(request, f"{PLACE}/{template}", shown, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, site: AdminSite) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        row = imports.add(name=str(file.name), data=file.read(), by=request.user.pk)
        return redirect("admin:directory_contact_imported", row.pk)
    at = LANGUAGES.index(wording.language())
    columns = [(names[at], names[1 - at]) for names in HEADERS.values()]
    last = ContactImport.objects.select_related("by").defer("content", "faults", "preview")[:LAST]
    rows = [{"row": row, "at": _moment(row), "state": wording.STATES[row.state]} for row in last]
    return _page(request, site, "import.html", 422 if form.is_bound else 200, form=form, columns=columns, last=rows)


def _moment(row: ContactImport) -> str:
    return timezone.localtime(row.created_at).strftime("%Y-%m-%d %H:%M")


@require_safe
def show(request: HttpRequest, site: AdminSite, import_id: int) -> HttpResponse:
    row = get_object_or_404(ContactImport.objects.defer("content"), pk=import_id)
    preview = {kind: [_shown(*told) for told in rows] for kind, rows in (row.preview or {}).items()}
    context: dict[str, Any] = {
        "row": row,
        "at": _moment(row),
        "state": wording.STATES[row.state],
        "works": row.state in imports.WORK,
        "faults": wording.faults(row.faults[:FAULTS_SHOWN]),
        "preview": [
            {"title": gettext("New"), "rows": preview.get("new", []), "count": row.new},
            {"title": gettext("Changed"), "rows": preview.get("changed", []), "count": row.changed},
        ],
        "to_write": row.new + row.changed,
        "progress": imports.told(row.pk),
        "import_words": {"progress": gettext("{percent} % done"), "lost": gettext("The server does not answer. This page goes on asking.")},
    }
    return _page(request, site, "imported.html", **context)


def _shown(row: int, name: str, changes: list[tuple[str, str, str]]) -> dict[str, Any]:
    told = [
        {"column": wording.column(column), "before": _pretty(column, before), "after": _pretty(column, after)}
        for column, before, after in changes
    ]
    return {"row": row, "name": name, "changes": told}


def _pretty(column: str, text: str) -> str:
    """Numbers as people write them."""
    return ", ".join(phone.pretty(number, settings.COUNTRY) for number in text.split(", ")) if column in KINDS and text else text


@require_safe
def progress(request: HttpRequest, site: AdminSite, import_id: int) -> HttpResponse:
    row = get_object_or_404(ContactImport.objects.only("state"), pk=import_id)
    return JsonResponse({"state": row.state, "progress": imports.told(row.pk)})


@require_safe
def faults(request: HttpRequest, site: AdminSite, import_id: int) -> HttpResponse:
    """All of them, as a file."""
    row = get_object_or_404(ContactImport.objects.only("faults"), pk=import_id)
    header = [gettext("Row"), gettext("Column"), gettext("Fault")]
    told = ([str(fault["row"]), fault["column"], fault["text"]] for fault in wording.faults(row.faults))
    content = "\ufeff" + sheet.lines([header, *told], wording.language())
    name = {"Content-Disposition": f'attachment; filename="{gettext("faults")}-{row.pk}.csv"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=name)


@require_POST
def confirm(request: HttpRequest, site: AdminSite, import_id: int) -> HttpResponse:
    if imports.confirm(import_id):
        _log(request, import_id)
    return redirect("admin:directory_contact_imported", import_id)


def _log(request: HttpRequest, import_id: int) -> None:
    """Who changed so much at once is asked later."""
    row = ContactImport.objects.only("new", "changed").get(pk=import_id)
    told = gettext("Import: %(new)s new, %(changed)s changed") % {"new": row.new, "changed": row.changed}
    about = ContentType.objects.get_for_model(Contact)
    LogEntry.objects.create(user=who(request), content_type=about, object_repr=told, action_flag=ADDITION, change_message=told)


@require_POST
def discard(request: HttpRequest, site: AdminSite, import_id: int) -> HttpResponse:
    if imports.discard(import_id):
        messages.success(request, str(wording.STATES["discarded"]))
    return redirect(reverse("admin:directory_contact_import"))
