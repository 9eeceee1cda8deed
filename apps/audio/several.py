"""Several files at once (AU-03): a page that hands in each file by itself, so that one that is bad does not spoil the others."""

import logging
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.audio import conversions
from apps.audio.models import LANGUAGES, STORAGE_FAULTS, Conversion
from apps.audio.page import told
from apps.audio.transcode import UnusableSound
from apps.audio.wording import page_words, several_words

log = logging.getLogger(__name__)

MOST = 200  # files of one go


def form(request: HttpRequest) -> HttpResponse:
    """The page in admin."""
    addresses = {name: reverse(f"sound_several_{name}") for name in ("names", "file", "progress")}
    context: dict[str, Any] = admin.site.each_context(request)
    context |= {"title": _("Several files at once"), "languages": LANGUAGES, "addresses": addresses, "most": MOST}
    context |= {"sound_words": page_words() | several_words()}
    return render(request, "admin/audio/prompt/several.html", context)


@require_POST
@login_required
@permission_required("audio.add_prompt", raise_exception=True)
def names(request: HttpRequest) -> HttpResponse:
    """Of the files `name`: which sounds exist already, by file name."""
    found = conversions.named(request.POST.getlist("name")[:MOST])
    return JsonResponse({name: prompt.name for name, prompt in found.items()})


@require_POST
@login_required
@permission_required("audio.add_prompt", raise_exception=True)
def file(request: HttpRequest) -> HttpResponse:
    """One file. A refusal is answered in words (422)."""
    upload, language = request.FILES.get("file"), request.POST.get("language", "")
    if upload is None or language not in dict(LANGUAGES):
        return _refusal(_("Choose a file and a language."))
    music, replace = (request.POST.get(name) == "on" for name in ("music", "replace"))
    try:
        conversion = conversions.add_file(
            name=str(upload.name), language=language, data=upload, music=music, replace=replace, by=request.user.pk
        )
    except conversions.NameTaken:
        return _refusal(_("A sound of this name exists. Tick it to replace what it says."))
    except UnusableSound as refusal:
        return _refusal(str(refusal))
    except STORAGE_FAULTS:
        log.exception("a sound could not be stored")
        return _refusal(str(conversions.REASONS["storage"]))
    return JsonResponse(told(conversion))


def _refusal(words: str) -> HttpResponse:
    return HttpResponse(words, status=422, content_type="text/plain; charset=utf-8")


@require_safe
@login_required
@permission_required("audio.add_prompt", raise_exception=True)
def progress(request: HttpRequest) -> HttpResponse:
    """Of the conversions `id`."""
    ids = [int(text) for text in request.GET.getlist("id")[:MOST] if text.isdecimal()]
    return JsonResponse({"conversions": [told(row) for row in Conversion.objects.filter(pk__in=ids).order_by("pk")]})
