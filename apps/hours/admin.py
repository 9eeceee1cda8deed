"""Opening hours in admin: the form with its three layers, and the pages about one calendar (views.py)."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from apps.hours import public, public_holidays, services, wording
from apps.hours.forms import CalendarForm, HolidayForm, MinuteField, country_name, day_widget, exit_widget
from apps.hours.idle import Idle, Key
from apps.hours.models import Calendar, ExitField, HolidayRule, OwnDate, WeeklyHours
from apps.hours.opening import Layer
from apps.hours.plan import Plan
from apps.hours.rows import exit_names
from apps.hours.views import CalendarPages
from contactcenter.lib.usage import where_used


class HoursFields:
    """Times of the day and names of exits, as they are typed."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.TimeField):
            label, usual = capfirst(db_field.verbose_name), db_field.get_default()
            return MinuteField(label=label, help_text=db_field.help_text, required=not db_field.blank, initial=usual)
        if isinstance(db_field, models.DateField):
            kwargs["widget"] = day_widget()
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]  # of the class beside this one
        if isinstance(db_field, ExitField) and field is not None:
            field.widget = exit_widget()
        return field


class RowsInline(HoursFields, TabularInline):
    """A layer. `remark` says at the row whether it can apply at all (TM-04)."""

    layer: Layer
    extra = 0
    hide_title = True
    readonly_fields = ["remark"]
    calendar: Calendar | None = None
    idle: dict[Key, Idle] = {}

    def get_formset(self, request: HttpRequest, obj: Calendar | None = None, **kwargs: Any) -> Any:
        self.calendar, self.idle = obj, services.idle(obj) if obj else {}
        return super().get_formset(request, obj, **kwargs)

    @admin.display(description=_("remark"))
    def remark(self, row: Any) -> str:
        if not row.pk or self.calendar is None:
            return ""
        idle = self.idle.get((self.layer, row.pk))
        if idle:
            return format_html('<span class="hours-idle">! {}</span>', wording.why_idle(idle, self.calendar))
        return (
            gettext("Until %(time)s the next day.") % {"time": f"{row.end:%H:%M}"} if row.begin and row.end and row.end < row.begin else ""
        )


class WeeklyInline(RowsInline):
    model = WeeklyHours
    layer = "week"
    fields = ["days", "begin", "end", "exit", "remark"]
    verbose_name_plural = _("Weekly hours: a single weekday beats a group of days, then the shorter row beats the longer")


class DatesInline(RowsInline):
    model = OwnDate
    layer = "date"
    fields = ["first", "last", "yearly", "begin", "end", "exit", "note", "remark"]
    verbose_name_plural = _("Own dates: they beat public holidays and weekly hours, from minute to minute")


class HolidaysInline(RowsInline):
    model = HolidayRule
    form = HolidayForm
    layer = "holiday"
    fields = ["shown_name", "shown_next", "active", "exit", "begin", "end", "remark"]
    readonly_fields = ["shown_name", "shown_next", "remark"]
    can_delete = False
    verbose_name_plural = _("Public holidays: they beat weekly hours; what is empty is as said above")

    def has_add_permission(self, request: HttpRequest, obj: Calendar | None = None) -> bool:
        return False

    @admin.display(description=_("public holiday"))
    def shown_name(self, rule: HolidayRule) -> str:
        return wording.holiday(rule.key, rule.calendar)

    @admin.display(description=_("next"))
    def shown_next(self, rule: HolidayRule) -> str:
        today = timezone.localdate()
        coming = public_holidays.around(rule.calendar.country, rule.calendar.subdivision, today.year)
        day = next((holiday.day for holiday in coming if holiday.key == rule.key and holiday.day >= today), None)
        return wording.long_day(day) if day else gettext("not in the coming years")


@admin.register(Calendar)
class CalendarAdmin(CalendarPages, HoursFields, ModelAdmin):
    form = CalendarForm
    list_display = ["name", "shown_now", "shown_country", "time_zone", "public", "shown_pages"]
    search_fields = ["name"]
    inlines = [WeeklyInline, DatesInline, HolidaysInline]
    readonly_fields = ["shown_address", "shown_use", "shown_country"]
    change_form_outer_before_template = "hours/form_top.html"
    warn_unsaved_form = True

    class Media:
        css = {"all": ["hours/hours.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Calendar | None = None) -> list[Any]:
        country = "country" if self._may_edit(request, obj) else "shown_country"
        return [
            (None, {"fields": ["name", "time_zone", *(["shown_use"] if obj else [])]}),
            (_("Exits"), {"fields": ["open_exit", "closed_exit", "default_exit"]}),
            (_("Public holidays"), {"fields": [country, "subdivision", "holiday_exit", "holiday_begin", "holiday_end"]}),
            (_("On the web"), {"fields": ["public", "key", *(["shown_address"] if obj else [])]}),
        ]

    def _may_edit(self, request: HttpRequest, calendar: Calendar | None) -> bool:
        return self.has_change_permission(request, calendar) if calendar else self.has_add_permission(request)

    def get_inlines(self, request: HttpRequest, obj: Calendar | None) -> list[Any]:
        return list(self.inlines) if obj and obj.country else [WeeklyInline, DatesInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Calendar]:
        return services.prefetched(super().get_queryset(request))

    # -- the list

    @admin.display(description=_("now"))
    def shown_now(self, calendar: Calendar) -> SafeString:
        status = Plan(calendar, timezone.now()).status()
        until = gettext("until %(time)s") % {"time": status.until} if status.until else ""
        by_hand = gettext("by hand") if status.by_hand else ""
        badge = format_html('<span class="hours-badge hours-{}">{}</span>', status.tone, status.exit)
        return format_html("{} {}", badge, " · ".join(part for part in (until, by_hand) if part))

    @admin.display(description=_("public holidays"))
    def shown_country(self, calendar: Calendar) -> str:
        return " ".join(filter(None, [country_name(calendar.country), calendar.subdivision])) if calendar.country else "–"

    @admin.display(description=_("what can be done"))
    def shown_pages(self, calendar: Calendar) -> SafeString:
        link = reverse("admin:hours_calendar_plan", args=[calendar.pk])
        return format_html('<a class="hours-link" href="{}">{}</a>', link, gettext("Week, next 60 days, close early"))

    # -- the form

    @admin.display(description=_("used in"))
    def shown_use(self, calendar: Calendar) -> str:
        places = where_used(calendar)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((p,) for p in places))) if places else gettext("nothing")

    @admin.display(description=_("address"))
    def shown_address(self, calendar: Calendar) -> str:
        if not calendar.public or not calendar.key:
            return gettext("none: it is not public")
        return format_html('<a class="hours-link" href="{0}">{0}</a>', public.address(calendar.key))

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, obj: Calendar | None = None, **kwargs: Any
    ) -> HttpResponse:
        names = exit_names(obj) if obj else ("Open", "Closed")
        status = Plan(obj, timezone.now()).status() if obj else None
        context |= {"status": status, "exits": names, "may_override": self.may_override(request)}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        services.settle(form.instance)

    def response_add(self, request: HttpRequest, obj: Calendar, post_url_continue: str | None = None) -> HttpResponse:
        """To its form: the public holidays of the chosen country stand there now."""
        answer = super().response_add(request, obj, post_url_continue)
        self._tell_of_idle_rows(request, obj)
        return answer if "_addanother" in request.POST else self._to_form(obj)

    def response_change(self, request: HttpRequest, obj: Calendar) -> HttpResponse:
        answer = super().response_change(request, obj)
        return self._to_form(obj) if self._tell_of_idle_rows(request, obj) else answer

    def _tell_of_idle_rows(self, request: HttpRequest, calendar: Calendar) -> bool:
        """TM-04: saved, but not all of it can apply; the page stays, with the reason at each row."""
        number = len(services.idle(services.with_rows().get(pk=calendar.pk)))
        if number:
            text = ngettext("One row can never apply; it says why.", "%(number)d rows can never apply; they say why.", number)
            self.message_user(request, text % {"number": number}, messages.WARNING)
        return bool(number)

    def _to_form(self, calendar: Calendar) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:hours_calendar_change", args=[calendar.pk]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """TM-04: what is in use cannot be deleted; the page says where. Who may delete a calendar may delete its rows."""
        shown, counts, _missing, _protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), [place for calendar in objs for place in where_used(calendar)]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:calendar_id>/plan/", wrap(self.plan_view), name="hours_calendar_plan"),
            path("<int:calendar_id>/close-early/", wrap(self.close_early_view), name="hours_calendar_close_early"),
            path("<int:calendar_id>/back-to-normal/", wrap(self.back_view), name="hours_calendar_back"),
        ]
        return [*own, *super().get_urls()]
