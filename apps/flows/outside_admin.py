"""The forms of the kinds of steps that reach outside the call flow."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from apps.flows.forms import BranchForm, step_form
from apps.flows.models import CallbackStep, RecordSoundStep, VoicemailStep, WebBranch, WebReading, WebRequestStep
from apps.flows.step_admin import BranchInline, PartsOfDraft, StepAdmin

ABOUT_RECORDING = _(
    "Asks for a telephone code and for the number of a sound, and records it in the flow's language. Codes are made on people's pages "
    "under Users; a sound's number stands on its page. All that is spoken here are sounds of the system."
)


class WebReadingInline(PartsOfDraft, TabularInline):
    model = WebReading
    fields = ["path", "variable", "shown_as"]
    extra = 0


class WebBranchForm(BranchForm):
    class Meta:
        model = WebBranch
        fields = ["value", "label"]


class WebBranchInline(BranchInline):
    model = WebBranch
    form = WebBranchForm
    hide_title = False
    verbose_name = _("branch")
    verbose_name_plural = _("branches")


@admin.register(WebRequestStep)
class WebRequestStepAdmin(StepAdmin):
    form = step_form(WebRequestStep)
    own_fields = ("url", "method", "sends", "header_name", "header_value", "branch_on")
    inlines = [WebReadingInline, WebBranchInline]

    def get_readonly_fields(self, request, obj=None) -> list[str]:
        """A secret is not shown to be read either."""
        return [name for name in super().get_readonly_fields(request, obj) if name != "header_value"]

    def get_fieldsets(self, request, obj=None) -> list:
        if self._editable(request, obj):
            return super().get_fieldsets(request, obj)
        shown = [name for name in self.own_fields if name != "header_value"]
        return [(None, {"fields": ["name", *shown, "exits_in_words"]})]


@admin.register(VoicemailStep)
class VoicemailStepAdmin(StepAdmin):
    form = step_form(VoicemailStep)
    own_fields = ("prompt", "maximum", "minimum", "review", "team")


@admin.register(CallbackStep)
class CallbackStepAdmin(StepAdmin):
    form = step_form(CallbackStep)
    own_fields = ("prompt", "queue", "tries")


@admin.register(RecordSoundStep)
class RecordSoundStepAdmin(StepAdmin):
    form = step_form(RecordSoundStep)

    def get_fieldsets(self, request, obj=None) -> list:
        (name, own), *others = super().get_fieldsets(request, obj)
        return [(name, {**own, "description": ABOUT_RECORDING}), *others]
