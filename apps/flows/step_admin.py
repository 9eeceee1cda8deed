"""The forms of steps, one admin class per kind. They are reached from the version's page and lead back to it."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.forms import Media
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from apps.accounts.rights import who
from apps.flows import drafts, services
from apps.flows.editor import Request, carefully
from apps.flows.forms import NEW, BranchForm, ChoiceForm, ConditionBranchForm, SoundForm, StepForm, makes_steps, resolve, step_form
from apps.flows.hours_form import opening_hours_form
from apps.flows.models import (
    CollectStep,
    ConditionBranch,
    ConditionStep,
    DialStep,
    FlowVersion,
    HangUpStep,
    MenuChoice,
    MenuStep,
    MessageSound,
    MessageStep,
    OpeningHoursStep,
    QueueStep,
    SetVariableStep,
    StepOfKind,
    SurveyStep,
)
from apps.flows.overview import Overview
from apps.flows.panel import INVALID, fates, fragment, in_panel, refusal


def version_link(version_id: int) -> str:
    return reverse("admin:flows_flowversion_change", args=[version_id])


def version_at_hand(request: HttpRequest, step: StepOfKind | None) -> FlowVersion | None:
    """The version of `step`, or for a new one that of the query (?version=), which must be a draft."""
    if step is not None and step.pk:
        return step.version
    number = request.GET.get("version", "")
    return FlowVersion.objects.filter(pk=number, state="draft").first() if number.isdecimal() else None


def inlines_media(form: ModelAdmin) -> Media:
    """Style sheets and scripts of the fields in a form's rows."""
    return sum((inline(form.model, form.admin_site).media for inline in form.inlines), Media())


class PartsOfDraft:
    """Rows of a step's form: to be changed as long as the version is a draft."""

    def _editable(self, request: HttpRequest, step: StepOfKind | None) -> bool:
        version = version_at_hand(request, step)
        return version is not None and version.editable and request.user.has_perm("flows.change_flow")

    def has_view_permission(self, request: HttpRequest, obj: StepOfKind | None = None) -> bool:
        return request.user.has_perm("flows.view_flow") or request.user.has_perm("flows.change_flow")

    has_add_permission = has_change_permission = has_delete_permission = _editable


class SoundInline(PartsOfDraft, TabularInline):
    model = MessageSound
    form = SoundForm
    fields = ["prompt", "position"]
    ordering_field = "position"
    hide_ordering_field = True
    hide_title = True
    extra = 0


class BranchInline(PartsOfDraft, TabularInline):
    """Parts of a step that are exits of their own: their form is a BranchForm."""

    hide_title = True
    extra = 0

    def get_fields(self, request: HttpRequest, obj: StepOfKind | None = None) -> list[str]:
        fields = [*self.form._meta.fields, "target"]
        return fields if self._editable(request, obj) else fields[:-1]

    def get_formset(self, request: HttpRequest, obj: StepOfKind | None = None, **kwargs: Any) -> Any:
        version = version_at_hand(request, obj)
        return super().get_formset(request, obj, form=type(self.form.__name__, (self.form,), {"for_version": version}), **kwargs)


class ChoiceInline(BranchInline):
    model = MenuChoice
    form = ChoiceForm
    max_num = 12


class ConditionBranchInline(BranchInline):
    model = ConditionBranch
    form = ConditionBranchForm
    ordering_field = "position"
    hide_ordering_field = True


class StepAdmin(PartsOfDraft, ModelAdmin):
    """What the forms of all kinds have in common."""

    own_fields: tuple[str, ...] = ()
    change_form_outer_before_template = "flows/step_top.html"
    warn_unsaved_form = True
    list_display = ["name"]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # steps are reached from their version, not from the menu

    def has_add_permission(self, request: HttpRequest, obj: StepOfKind | None = None) -> bool:
        return self._editable(request, None)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:flows_flow_changelist"))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """Whatever is posted is one change of the draft, which can be undone."""
        step = self.get_object(request, unquote(object_id)) if object_id else None
        version = version_at_hand(request, step)
        view = partial(super().changeform_view, request, object_id, form_url, extra_context)
        if request.method != "POST" or version is None or not self._editable(request, step):
            return view()
        if in_panel(request) and step:
            return self._save_in_panel(request, step, view)
        with drafts.changing(version.pk, who(request), "changed" if step else "added", step=request.POST.get("name", "")):
            return view()

    def _save_in_panel(self, request: HttpRequest, step: StepOfKind, view: Callable[[], HttpResponse]) -> HttpResponse:
        """Errors of the form as `refusal` tells them, else the new picture with what became of the rows."""
        change = Request(step.version, who(request), request.POST)
        answers: list[HttpResponse] = []

        def save() -> dict[str, Any]:
            with change.changing("changed", None if makes_steps(request.POST) else step.pk, step=step.name):
                change.unchanged(step)
                answers.append(view())
            return {"rows": getattr(request, "fates", {})}

        told = carefully(change, save)
        return answers[0] if answers and answers[0].status_code == INVALID else told

    def log_change(self, request: HttpRequest, obj: StepOfKind, message: Any) -> Any:
        """What is saved by itself is kept in the draft's own list of changes; publishing it is logged."""
        return None if in_panel(request) else super().log_change(request, obj, message)

    def get_fieldsets(self, request: HttpRequest, obj: StepOfKind | None = None) -> list:
        if not self._editable(request, obj):
            return [(None, {"fields": ["name", *self.own_fields, "exits_in_words"]})]
        exits = [f"exit_{name}" for name in self.form_now().exit_names]
        own = (None, {"fields": ["version", "name", *self.own_fields]})
        return [own, (_("Leads to"), {"fields": exits})] if exits else [own]

    def form_now(self) -> type[StepForm]:
        """The kind's form. A kind whose exits depend on configuration makes one for each request."""
        return self.form

    def get_readonly_fields(self, request: HttpRequest, obj: StepOfKind | None = None) -> list[str]:
        return [] if self._editable(request, obj) else ["name", *self.own_fields, "exits_in_words"]

    def get_form(self, request: HttpRequest, obj: StepOfKind | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = type(self.form.__name__, (self.form_now(),), {"for_version": version_at_hand(request, obj)})
        return super().get_form(request, obj, change, form=form, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict, *args: Any, obj: StepOfKind | None = None, **kwargs: Any
    ) -> HttpResponse:
        if in_panel(request):
            return refusal(context) if request.method == "POST" else fragment(request, context)
        version = version_at_hand(request, obj)
        problems = [problem for problem in Overview(version).problems if obj and problem.step == obj.pk] if version else []
        context |= {"flow_version": version, "step_problems": problems, "show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("leads to"))
    def exits_in_words(self, step: StepOfKind) -> str:
        row = next(row for row in Overview(step.version).steps if row.name == step.name)
        lines = (
            (way.label, format_html('<a class="flow-link" href="{}">{}</a>', way.link, way.target) if way.target else "–")
            for way in row.exits
        )
        return format_html_join(mark_safe("<br>"), "{}: {}", lines) or "–"

    def save_related(self, request: HttpRequest, form: Any, formsets: list, change: bool) -> None:
        """After the row and its parts: where its exits lead. New steps that were asked for are made here."""
        super().save_related(request, form, formsets, change)
        cast("Any", request).fates = fates(formsets)
        step = form.instance
        wiring = dict(form.wiring()) | _branches_wiring(formsets)
        services.drop_stale_exits(step)
        services.wire(step, {name: resolve(step.version, chosen) for name, chosen in wiring.items()})
        if made := sum(chosen.startswith(NEW) for chosen in wiring.values()):
            self.message_user(request, gettext("New steps: %(number)d. Fill them in next.") % {"number": made})

    def response_add(self, request: HttpRequest, obj: StepOfKind, post_url_continue: str | None = None) -> HttpResponse:
        return self._back(request, obj, super().response_add(request, obj, post_url_continue))

    def response_change(self, request: HttpRequest, obj: StepOfKind) -> HttpResponse:
        if in_panel(request):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)  # the picture follows when the change is kept
        return self._back(request, obj, super().response_change(request, obj))

    def _back(self, request: HttpRequest, step: StepOfKind, otherwise: HttpResponse) -> HttpResponse:
        return otherwise if "_continue" in request.POST else HttpResponseRedirect(version_link(step.version_id))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        step = self.get_object(request, object_id)
        view = partial(super().delete_view, request, object_id, extra_context)
        if request.method != "POST" or step is None or not self._editable(request, step):
            answer = view()
        else:
            with drafts.changing(step.version_id, who(request), "removed", step=step.name):
                answer = view()
        return HttpResponseRedirect(version_link(step.version_id)) if step and answer.status_code == HTTPStatus.FOUND else answer

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Who may delete a step may delete its exits, choices and sounds."""
        shown, counts, _perms, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    class Media:
        css = {"all": ["flows/flows.css"]}


def _branches_wiring(formsets: list) -> dict[str, str]:
    """Exit -> what was chosen for it, of the parts that are exits and stay."""
    return {
        form.instance.exit_name: form.cleaned_data.get("target", "")
        for formset in formsets
        if issubclass(formset.form, BranchForm)
        for form in formset.forms
        if form.instance.pk and not form.cleaned_data.get("DELETE")
    }


@admin.register(MessageStep)
class MessageStepAdmin(StepAdmin):
    form = step_form(MessageStep)
    own_fields = ("variable", "how")
    inlines = [SoundInline]


@admin.register(MenuStep)
class MenuStepAdmin(StepAdmin):
    form = step_form(MenuStep)
    own_fields = ("prompt", "repeat", "timeout", "barge_in")
    inlines = [ChoiceInline]


@admin.register(CollectStep)
class CollectStepAdmin(StepAdmin):
    form = step_form(CollectStep)
    own_fields = (
        "prompt", "variable", "sensitive", "shown_as", "minimum", "maximum", "check_digit", "pattern", "confirm", "wrong", "tries",
        "first_timeout", "digit_timeout", "barge_in",
    )  # fmt: skip


@admin.register(ConditionStep)
class ConditionStepAdmin(StepAdmin):
    form = step_form(ConditionStep)
    inlines = [ConditionBranchInline]


@admin.register(SetVariableStep)
class SetVariableStepAdmin(StepAdmin):
    form = step_form(SetVariableStep)
    own_fields = ("variable", "value", "shown_as")


@admin.register(SurveyStep)
class SurveyStepAdmin(StepAdmin):
    form = step_form(SurveyStep)
    own_fields = ("prompt", "lowest", "highest", "repeat", "timeout", "barge_in")


@admin.register(QueueStep)
class QueueStepAdmin(StepAdmin):
    form = step_form(QueueStep)
    own_fields = ("queue",)


@admin.register(DialStep)
class DialStepAdmin(StepAdmin):
    form = step_form(DialStep)
    own_fields = ("number", "timeout")


@admin.register(HangUpStep)
class HangUpStepAdmin(StepAdmin):
    form = step_form(HangUpStep)


@admin.register(OpeningHoursStep)
class OpeningHoursStepAdmin(StepAdmin):
    form = step_form(OpeningHoursStep)
    own_fields = ("calendar",)

    def form_now(self) -> type[StepForm]:
        return opening_hours_form()

    class Media:
        js = ["flows/opening_hours.js"]
