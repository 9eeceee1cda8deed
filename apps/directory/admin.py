"""The directory in admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from apps.directory import entries, export, import_pages, numbers, services
from apps.directory.models import Contact, ContactNumber
from contactcenter.lib import phone

NOT_A_NUMBER = _("This is not a telephone number. Write it with country code, for instance +4722334455.")


class NumberForm(forms.ModelForm):
    def clean_number(self) -> str:
        number = numbers.kept(self.cleaned_data["number"], settings.COUNTRY)
        if number is None:
            raise ValidationError(NOT_A_NUMBER)
        return number


class NumberInline(TabularInline):
    model = ContactNumber
    form = NumberForm
    extra = 1


class ContactForm(forms.ModelForm):
    def clean_tags(self) -> str:
        return entries.tags(self.cleaned_data["tags"])

    def clean_reference(self) -> str:
        return self.cleaned_data["reference"] or self.instance.reference


@admin.register(Contact)
class ContactAdmin(ModelAdmin):
    form = ContactForm
    list_display = ["name", "company", "shown_numbers", "tags"]
    fields = ["name", "company", "tags", "email", "note", "reference"]
    inlines = [NumberInline]
    search_fields = ["name"]  # shows the field; `get_search_results` looks
    search_help_text = _("The beginning of a name, a company, a tag or a number")
    list_per_page = 50
    show_full_result_count = False  # the list may be long
    list_before_template = "admin/directory/contact/tools.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return super().get_queryset(request).prefetch_related("numbers")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str) -> tuple[QuerySet[Contact], bool]:
        return services.matching(queryset, search_term), False

    def get_urls(self) -> list[URLPattern]:
        own = path("export/", self.admin_site.admin_view(self.export), name="directory_contact_export")
        return [own, *import_pages.addresses(self.admin_site), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, (extra_context or {}) | {"may_import": import_pages.may_import(request)})

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """What the list shows with this search, all pages of it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return export.response(self.get_changelist_instance(request).queryset)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.index([form.instance.pk])

    @admin.display(description=_("numbers"))
    def shown_numbers(self, contact: Contact) -> str:
        return " · ".join(phone.pretty(row.number, settings.COUNTRY) for row in contact.numbers.all())
