"""The pages about one calendar: its week and next days, and the override (TM-05)."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.hours import services, wording
from apps.hours.forms import OverrideForm, QuestionForm
from apps.hours.models import Calendar, Override
from apps.hours.opening import end_of_today, on_the_wall
from apps.hours.plan import Plan

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin as Base
else:
    Base = object

WEEK = timedelta(weeks=1)


class CalendarPages(Base):
    """Beside ModelAdmin, which gives rights, log and messages."""

    def may_override(self, request: HttpRequest) -> bool:
        return request.user.has_perm("hours.override_calendar")

    def plan_view(self, request: HttpRequest, calendar_id: int) -> HttpResponse:
        """GET: the page. POST: set the override that was filled in."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        calendar = self._calendar(calendar_id)
        plan = Plan(calendar, timezone.now())
        form = OverrideForm(plan.frozen, request.POST if request.method == "POST" else None, initial=self._usual(plan))
        if request.method == "POST":
            self._refuse_without_right(request)
            if form.is_valid():
                return self._override(request, calendar, form)
        return TemplateResponse(request, "hours/plan.html", self._context(request, plan, form))

    def _usual(self, plan: Plan) -> dict[str, Any]:
        until = on_the_wall(plan.frozen.zone, end_of_today(plan.frozen, plan.now))
        return {"exit": plan.frozen.closed_exit, "until": until.replace(tzinfo=None)}

    def _override(self, request: HttpRequest, calendar: Calendar, form: OverrideForm) -> HttpResponse:
        chosen = form.cleaned_data
        row = services.override(calendar, exit_name=chosen["exit"], until=chosen["until"], by=request.user, now=timezone.now())
        return self._done(request, calendar, self._in_words(row))

    def close_early_view(self, request: HttpRequest, calendar_id: int) -> HttpResponse:
        """One click: closed for the rest of today."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._refuse_without_right(request)
        calendar = self._calendar(calendar_id)
        row = services.close_early(calendar, by=request.user, now=timezone.now())
        return self._done(request, calendar, self._in_words(row))

    def back_view(self, request: HttpRequest, calendar_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._refuse_without_right(request)
        calendar = self._calendar(calendar_id)
        services.back_to_normal(calendar)
        return self._done(request, calendar, _("%(calendar)s follows its rows again.") % {"calendar": calendar})

    def _done(self, request: HttpRequest, calendar: Calendar, sentence: str) -> HttpResponse:
        self.log_change(request, calendar, sentence)
        self.message_user(request, sentence, messages.SUCCESS)
        wanted = request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(wanted if safe else reverse("admin:hours_calendar_plan", args=[calendar.pk]))

    def _in_words(self, row: Override) -> str:
        parts = {"calendar": row.calendar, "exit": row.exit}
        if row.until is None:
            return _("%(calendar)s: %(exit)s until somebody takes it back. The next call gets it.") % parts
        parts["time"] = wording.moment(row.until.timestamp(), row.calendar.time_zone)
        return _("%(calendar)s: %(exit)s until %(time)s. The next call gets it.") % parts

    def _context(self, request: HttpRequest, plan: Plan, form: OverrideForm) -> dict[str, Any]:
        question = QuestionForm(request.GET if "at" in request.GET else None, initial={"at": plan.local_now().replace(tzinfo=None)})
        shown = _day(request.GET.get("week", "")) or plan.today
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(plan.calendar),
            "media": self.media,
            "calendar": plan.calendar,
            "status": plan.status(),
            "week": plan.week(shown),
            "week_before": f"{shown - WEEK}",
            "week_after": f"{shown + WEEK}",
            "weeks_ahead": plan.weeks_ahead(),
            "exits": [(name, plan.tone(name)) for name in plan.frozen.names],
            "question": question,
            "answer": plan.answer(question.cleaned_data["at"]) if question.is_bound and question.is_valid() else None,
            "form": form,
            "may_override": self.may_override(request),
        }

    def _calendar(self, calendar_id: int) -> Calendar:
        return get_object_or_404(services.with_rows(), pk=calendar_id)

    def _refuse_without_right(self, request: HttpRequest) -> None:
        if not self.may_override(request):
            raise PermissionDenied


def _day(text: str) -> date | None:
    """A day that is far away is none: the page's dates must stay within what a calendar can count."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(2000, 1, 1) <= day <= date(2100, 1, 1) else None
