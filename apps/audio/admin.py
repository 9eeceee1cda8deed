"""Sounds and playlists in admin: upload, record, speak, listen, restore; where a sound is used."""

import logging
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from apps.audio import conversions, page, services, several
from apps.audio.forms import PromptForm
from apps.audio.models import LANGUAGES, STORAGE_FAULTS, Playlist, PlaylistItem, Prompt, PromptVersion
from apps.audio.page import duration, player
from apps.audio.wording import page_words
from contactcenter.lib import usage

log = logging.getLogger(__name__)

ROW = '<span style="display: flex; align-items: center; gap: 0.5rem">{} {} {}</span>'


class OwnSounds(admin.SimpleListFilter):
    """The hundreds of digits and numbers are in nobody's way."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("music", _("Music")), ("system", _("Spoken by the system"))]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [first | {"display": _("Own sounds")}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> QuerySet[Prompt]:
        if self.value() == "system":
            return queryset.exclude(key="")
        own = queryset.filter(key="")
        return own.filter(music=True) if self.value() == "music" else own


class MissingLanguage(admin.SimpleListFilter):
    """AU-05: who speaks that language hears another one, or nothing."""

    title = _("missing in")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(LANGUAGES)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> QuerySet[Prompt]:
        there = PromptVersion.objects.filter(active=True, language=self.value())
        return queryset.filter(music=False).exclude(pk__in=there.values("prompt")) if self.value() else queryset


def _rows(code: str) -> list[Any]:
    """Of the form, for one language."""
    return [(f"upload_{code}", f"begin_{code}", f"end_{code}", f"recorded_{code}"), f"text_{code}", (f"voice_{code}", f"speed_{code}")]


@admin.register(Prompt)
class PromptAdmin(ModelAdmin):
    form = PromptForm
    list_display = ["name", "shown_players", "music"]
    list_filter = [OwnSounds, MissingLanguage]
    search_fields = ["name", "versions__text"]
    search_help_text = _("Name of a sound, or what it says")
    actions_list = ["several"]
    readonly_fields = ["shown_use"]
    change_form_after_template = "admin/audio/prompt/versions.html"
    change_form_outer_after_template = "admin/audio/prompt/script.html"

    class Media:
        css = {"all": ["audio/sound.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Prompt | None = None) -> list[Any]:
        languages = [(name, {"fields": _rows(code)}) for code, name in LANGUAGES]
        fields = ["name", "music", *(["shown_use"] if obj else [])]
        return [(None, {"fields": fields}), *(languages if self._may_edit(request, obj) else [])]

    def _may_edit(self, request: HttpRequest, prompt: Prompt | None) -> bool:
        return self.has_change_permission(request, prompt) if prompt else self.has_add_permission(request)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Prompt], search_term: str) -> tuple[QuerySet[Prompt], bool]:
        """Choosing a sound for a playlist: those of the system are no choice."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return (found.filter(key="") if "autocomplete" in request.path else found), duplicates

    def get_queryset(self, request: HttpRequest) -> QuerySet[Prompt]:
        active = PromptVersion.objects.filter(active=True).select_related("prompt")
        return super().get_queryset(request).prefetch_related(Prefetch("versions", active, to_attr="heard"))

    @action(description=_("Several files at once"), url_path="several", permissions=["add"])
    def several(self, request: HttpRequest) -> HttpResponse:
        return several.form(request)

    @admin.display(description=_("sound"))
    def shown_players(self, prompt: Prompt) -> str:
        active: list[PromptVersion] = prompt.heard  # type: ignore[attr-defined]  # prefetched by get_queryset
        heard = sorted(active, key=lambda version: [code for code, _name in LANGUAGES].index(version.language))
        rows = [(version.language, player(version), duration(version.seconds)) for version in heard if version.file]
        return format_html_join("", ROW, rows + page.missing(prompt, {language for language, *_ in rows})) or gettext("empty")

    @admin.display(description=_("used in"))
    def shown_use(self, prompt: Prompt) -> str:
        used = sorted(usage.places_used(prompt).items())
        links = (page.linked(words, rows) for words, rows in used)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", ((link,) for link in links))) if used else gettext("nothing")

    def save_model(self, request: HttpRequest, obj: Prompt, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if isinstance(form, PromptForm):
            try:
                form.hand_in(obj, request.user.pk)
            except STORAGE_FAULTS:
                log.exception("a sound could not be stored")
                messages.error(request, str(conversions.REASONS["storage"]))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        """AU-04: the page that refuses to delete says where the sounds are used, not which rights over those places are missing."""
        objects, counts, missing, _protected = super().get_deleted_objects(objs, request)
        used = [place for prompt in objs for place in services.where_used(prompt)]
        return objects, counts, set() if used else missing, used

    def delete_model(self, request: HttpRequest, obj: Prompt) -> None:
        services.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Prompt]) -> None:
        for prompt in queryset:
            services.remove(prompt)

    def get_urls(self) -> list[URLPattern]:
        restore = path("<int:prompt_id>/restore/<int:version_id>/", self.admin_site.admin_view(self.restore), name="audio_prompt_restore")
        progress = path("<int:prompt_id>/progress/", self.admin_site.admin_view(self.progress), name="audio_prompt_progress")
        return [restore, progress, *super().get_urls()]

    def progress(self, request: HttpRequest, prompt_id: int) -> HttpResponse:
        """What is under way, and the versions that there are: for the page's script."""
        prompt = get_object_or_404(Prompt, pk=prompt_id)
        if not self.has_view_permission(request, prompt):
            raise PermissionDenied
        versions = render_to_string(self.change_form_after_template, self._shown(request, prompt) | {"original": prompt}, request)
        return JsonResponse({"conversions": page.under_way(prompt), "versions": versions})

    def _shown(self, request: HttpRequest, prompt: Prompt) -> dict[str, Any]:
        return {"sound_versions": page.version_rows(prompt), "may_restore": self.has_change_permission(request, prompt)}

    def response_add(self, request: HttpRequest, obj: Prompt, post_url_continue: str | None = None) -> HttpResponse:
        return self._to_the_sound(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Prompt) -> HttpResponse:
        return self._to_the_sound(request, obj) or super().response_change(request, obj)

    def _to_the_sound(self, request: HttpRequest, prompt: Prompt) -> HttpResponse | None:
        """Its page shows how far that is which was handed in. None: nothing was."""
        if "_popup" in request.POST or not any(row["new"] for row in page.under_way(prompt)):
            return None
        return redirect("admin:audio_prompt_change", prompt.pk)

    def restore(self, request: HttpRequest, prompt_id: int, version_id: int) -> HttpResponse:
        """AU-04: the button beside an older version."""
        version = get_object_or_404(PromptVersion, pk=version_id, prompt=prompt_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request, version.prompt):
            raise PermissionDenied
        services.restore(version)
        self.log_change(request, version.prompt, gettext("Version %(number)s is played again.") % {"number": version.number})
        messages.success(request, gettext("Version %(number)s is played again.") % {"number": version.number})
        return redirect("admin:audio_prompt_change", prompt_id)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Prompt | None = None, **more: Any
    ) -> HttpResponse:
        state: dict[str, Any] = {"spoken": reverse("sound_spoken")} if self._may_edit(request, obj) else {}
        context |= {"sound_words": page_words(), "sound_state": state}
        if obj is not None:
            context |= self._shown(request, obj)
            state |= {"address": reverse("admin:audio_prompt_progress", args=[obj.pk]), "under_way": page.under_way(obj)}
        return super().render_change_form(request, context, *args, obj=obj, **more)


class PlaylistItemInline(TabularInline):
    model = PlaylistItem
    extra = 0
    hide_title = True
    autocomplete_fields = ["prompt"]
    ordering_field = "position"
    hide_ordering_field = True


@admin.register(Playlist)
class PlaylistAdmin(ModelAdmin):
    list_display = ["name", "shown_pieces"]
    search_fields = ["name", "items__prompt__name"]
    inlines = [PlaylistItemInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Playlist]:
        return super().get_queryset(request).prefetch_related("items__prompt")

    @admin.display(description=_("sounds"))
    def shown_pieces(self, playlist: Playlist) -> str:
        return ", ".join(item.prompt.name for item in playlist.items.all()) or "–"
