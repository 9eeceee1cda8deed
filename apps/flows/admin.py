"""Flows in admin: the list, a flow with its versions, a version with its picture and steps, and publishing."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from apps.accounts.models import User
from apps.accounts.rights import who
from apps.flows import outside_admin, services, step_admin  # noqa: F401  they register the forms of steps
from apps.flows.compile import Problem, compile_versions
from apps.flows.editor import Request, answer, do
from apps.flows.editor_words import words
from apps.flows.models import TABLES, Flow, FlowVersion, VersionIsFrozen
from apps.flows.overview import Overview, active_beside, changes_in_words, test_call_link, test_call_options_link
from apps.flows.picture import palette, picture
from apps.flows.step_admin import inlines_media, version_link

# What main.js imports: named in the page, they are fetched at once instead of one after the other.
SCRIPTS = [
    *(
        f"flows/{name}.js"
        for name in (
            *("ask", "bar", "canvas", "chooser", "diagram", "draft", "form", "keys"),
            *("outbox", "rows", "shapes", "side", "steps", "viewport", "wiring"),
        )
    ),
    *(f"live/{name}.js" for name in ("page", "sparing", "store", "words")),
]


@admin.register(Flow)
class FlowAdmin(ModelAdmin):
    list_display = ["name", "active_version", "number_of_steps", "numbers", "problems"]
    search_fields = ["name"]
    fields = ["name", "language"]
    change_form_outer_after_template = "flows/flow_versions.html"

    class Media:
        css = {"all": ["flows/flows.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        versions = FlowVersion.objects.exclude(state="archived").select_related("flow").prefetch_related("steps")
        return super().get_queryset(request).prefetch_related(Prefetch("versions", versions, to_attr="current"), "access_numbers")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The problems of all listed flows are looked for at once."""
        changelist = super().get_changelist_instance(request)
        shown = {flow.pk: version for flow in changelist.result_list if (version := _shown(flow))}
        compiled = compile_versions(shown.values())
        for flow in changelist.result_list:
            flow.found = compiled[shown[flow.pk].pk][1] if flow.pk in shown else []
        return changelist

    @admin.display(description=_("version"))
    def active_version(self, flow: Flow) -> str:
        version = _shown(flow)
        if version is None:
            return "–"
        return f"v{version.number}" if version.state == "active" else gettext("v%(number)d, draft") % {"number": version.number}

    @admin.display(description=_("steps"))
    def number_of_steps(self, flow: Flow) -> int:
        version = _shown(flow)
        return len(version.steps.all()) if version else 0

    @admin.display(description=_("access numbers"))
    def numbers(self, flow: Flow) -> str:
        return ", ".join(number.number for number in flow.access_numbers.all()) or "–"

    @admin.display(description=_("problems"))
    def problems(self, flow: Any) -> str:
        return problems_badge(flow.found)

    def save_model(self, request: HttpRequest, obj: Flow, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.pk = services.create_flow(name=obj.name, language=obj.language).pk
        obj._state.adding = False

    def response_add(self, request: HttpRequest, obj: Flow, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(version_link(services.draft_of(obj).pk))

    def render_change_form(self, request: HttpRequest, context: dict, *args: Any, obj: Flow | None = None, **kwargs: Any) -> HttpResponse:
        if obj is not None:
            versions = list(obj.versions.select_related("flow", "published_by"))
            shown = next((version for state in ("draft", "active", "archived") for version in versions if version.state == state), None)
            context |= {"versions": versions, "overview": Overview(shown) if shown else None, "test_call": test_call_link(obj.pk)}
            context["draft"] = next((version for version in versions if version.editable), None)
            context |= {"may_edit": self.has_change_permission(request, obj), "show_save_and_add_another": False}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Who may delete a flow may delete its versions and steps. A flow with access numbers is protected."""
        shown, counts, _perms, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected


def _shown(flow: Any) -> FlowVersion | None:
    """The version that the list tells about: the active one, else the draft. `flow` as from `get_queryset`, with its `current` versions."""
    return min(flow.current, key=lambda version: version.state, default=None)  # "active" comes before "draft"


def problems_badge(problems: list[Problem]) -> str:
    """Colour, sign and word, never colour alone."""
    errors = sum(not problem.warning for problem in problems)
    if errors:
        return format_html('<span class="flow-badge flow-badge-error">✕ {}</span>', ngettext("%d problem", "%d problems", errors) % errors)
    if problems:
        count = len(problems)
        return format_html('<span class="flow-badge flow-badge-warning">! {}</span>', ngettext("%d warning", "%d warnings", count) % count)
    return format_html('<span class="flow-badge flow-badge-good">✓ {}</span>', gettext("None"))


@admin.register(FlowVersion)
class FlowVersionAdmin(ModelAdmin):
    class Media:
        css = {"all": ["flows/flows.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # reached from the flow, not from the menu

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: FlowVersion | None = None) -> bool:
        return request.user.has_perm("flows.change_flow") and (obj is None or obj.editable)

    def has_view_permission(self, request: HttpRequest, obj: FlowVersion | None = None) -> bool:
        return request.user.has_perm("flows.view_flow") or request.user.has_perm("flows.change_flow")

    def has_delete_permission(self, request: HttpRequest, obj: FlowVersion | None = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("flow", "published_by")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple:
        """Who may delete a draft may delete its steps."""
        shown, counts, _perms, protected = super().get_deleted_objects(objs, request)
        return shown, counts, set(), protected

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:flows_flow_changelist"))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict | None = None
    ) -> HttpResponse:
        """The editor. What it changes goes through `do_view` and the forms of the steps."""
        version = self.get_object(request, unquote(object_id)) if object_id else None
        if request.method == "POST" or not self.has_view_permission(request, version):
            raise PermissionDenied
        if version is None:
            raise Http404
        return TemplateResponse(request, "flows/editor/editor.html", self._editor(request, version))

    def _editor(self, request: HttpRequest, version: FlowVersion) -> dict:
        forms = [self.admin_site._registry[table] for table in TABLES.values()]  # Django has no public way to ask
        media = sum((form.media + inlines_media(form) for form in forms), self.media)
        overview = Overview(version)
        state = {"picture": picture(overview, who(request)), "palette": palette(), "words": words()}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(version), "media": media, "state": state}
        context |= {"version": version, "faults": overview.faults}
        context |= {"may_edit": request.user.has_perm("flows.change_flow"), "test_call": test_call_options_link()}
        context["scripts_of_page"] = SCRIPTS
        return context

    def picture_view(self, request: HttpRequest, version: int) -> JsonResponse:
        """`?revision=` that the page knows: if that is the newest still, there is nothing to tell."""
        row = get_object_or_404(self.get_queryset(request), pk=version)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if request.GET.get("revision") == str(row.revision) and row.editable == (request.GET.get("editable") == "1"):
            return JsonResponse({})
        return answer(Request(row, who(request), request.GET))

    def do_view(self, request: HttpRequest, version: int) -> JsonResponse:
        return do(self._version(request, version), who(request), request.POST)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        super().response_delete(request, obj_display, obj_id)
        return HttpResponseRedirect(reverse("admin:flows_flow_changelist"))

    def get_urls(self) -> list:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:version>/picture/", wrap(self.picture_view), name="flows_flowversion_picture"),
            path("<int:version>/do/", wrap(require_POST(self.do_view)), name="flows_flowversion_do"),
            path("<int:version>/publish/", wrap(self.publish_view), name="flows_flowversion_publish"),
            path("<int:version>/draft/", wrap(require_POST(self.draft_view)), name="flows_flowversion_draft"),
            path("empty-draft/<int:flow>/", wrap(require_POST(self.empty_draft_view)), name="flows_flowversion_empty_draft"),
        ]
        return own + super().get_urls()

    def publish_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """GET: what hinders it, and what it changes. POST: do it. For drafts, and to roll back to archived versions."""
        row = self._version(request, version)
        if row.state == "active":
            raise Http404
        if request.method == "POST" and self._published(request, row):
            return HttpResponseRedirect(reverse("admin:flows_flow_change", args=[row.flow_id]))
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(row), "media": self.media, "version": row}
        active = active_beside(row)
        context |= {"overview": Overview(row, active), "changes": changes_in_words(row, active), "active": active}
        return TemplateResponse(request, "flows/publish.html", context)

    def _published(self, request: HttpRequest, version: FlowVersion) -> bool:
        try:
            services.publish(version, cast("User", request.user))
        except services.PublishRefused:
            self.message_user(request, gettext("The version was not published: there are problems."), messages.ERROR)
            return False
        except VersionIsFrozen:
            self.message_user(request, gettext("Somebody else has published this version meanwhile."), messages.WARNING)
            return True
        self.log_change(request, version, "published")
        self.message_user(request, gettext("%(version)s is active: the next call gets it.") % {"version": version}, messages.SUCCESS)
        return True

    def draft_view(self, request: HttpRequest, version: int) -> HttpResponse:
        """A new draft with the steps of this version, or the draft that there is already."""
        try:
            draft = services.new_draft(self._version(request, version))
        except services.DraftExists as refused:
            self.message_user(request, gettext("There is a draft already; here it is."), messages.WARNING)
            draft = refused.draft
        return HttpResponseRedirect(version_link(draft.pk))

    def empty_draft_view(self, request: HttpRequest, flow: int) -> HttpResponse:
        self._refuse_without_right(request)
        try:
            draft = services.empty_draft(get_object_or_404(Flow, pk=flow))
        except services.DraftExists as refused:
            draft = refused.draft
        return HttpResponseRedirect(version_link(draft.pk))

    def _version(self, request: HttpRequest, version: int) -> FlowVersion:
        self._refuse_without_right(request)
        return get_object_or_404(FlowVersion.objects.select_related("flow"), pk=version)

    def _refuse_without_right(self, request: HttpRequest) -> None:
        if not request.user.has_perm("flows.change_flow"):
            raise Http404
