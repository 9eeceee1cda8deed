"""The directory in admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from apps.directory import numbers, services
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
        """Each once, with a comma and a space between them."""
        tags = (" ".join(tag.split()) for tag in self.cleaned_data["tags"].split(","))
        return ", ".join(dict.fromkeys(tag for tag in tags if tag))


@admin.register(Contact)
class ContactAdmin(ModelAdmin):
    form = ContactForm
    list_display = ["name", "company", "shown_numbers", "tags"]
    fields = ["name", "company", "tags", "email", "note"]
    inlines = [NumberInline]
    search_fields = ["name"]  # shows the field; `get_search_results` looks
    search_help_text = _("The beginning of a name, a company, a tag or a number")
    list_per_page = 50
    show_full_result_count = False  # the list may be long

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        return super().get_queryset(request).prefetch_related("numbers")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Contact], search_term: str) -> tuple[QuerySet[Contact], bool]:
        return services.matching(queryset, search_term), False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.index([form.instance.pk])

    @admin.display(description=_("numbers"))
    def shown_numbers(self, contact: Contact) -> str:
        return " · ".join(phone.pretty(row.number, settings.COUNTRY) for row in contact.numbers.all())
