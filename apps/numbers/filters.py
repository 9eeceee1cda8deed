"""Lists by what an access number is (AN-04): its operator, its tariff note. The choices are those of the numbers, not of a million rows."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from apps.numbers.models import AccessNumber


class _OfNumber(DropdownFilter):
    """`column` of an access number; `way` leads from a row of the list to its number."""

    column = way = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = AccessNumber.objects.exclude(**{self.column: ""}).order_by(self.column).values_list(self.column, flat=True)
        return [(text, text) for text in found.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(**{f"{self.way}{self.column}": self.value()}) if self.value() else queryset


class Operator(_OfNumber):
    title, parameter_name, column = _("operator"), "operator", "operator"


class TariffNote(_OfNumber):
    title, parameter_name, column = _("tariff note"), "tariff", "tariff_note"


class CallsOperator(Operator):
    way = "access_number__"


class CallsTariffNote(TariffNote):
    way = "access_number__"
