"""A version's sound and its picture, for the players in admin. A version never changes, so browsers may keep both."""

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.audio import sound
from apps.audio.models import PromptVersion

KEPT = "private, max-age=86400, immutable"


def _file(file: FieldFile) -> bytes:
    """Errors: Http404, it is gone."""
    try:
        with file.open("rb") as content:
            return content.read()
    except (OSError, ValueError) as gone:
        raise Http404 from gone


def _picture(version: PromptVersion) -> bytes:
    """Made with the version; those of before have none. Errors: Http404."""
    return _file(version.picture) if version.picture else sound.waveform(sound.read(_file(version.file)))


@require_safe
@login_required
@permission_required("audio.view_prompt", raise_exception=True)
def listen(request: HttpRequest, version_id: int) -> HttpResponse:
    version = get_object_or_404(PromptVersion, pk=version_id)
    return HttpResponse(_file(version.file), content_type="audio/wav", headers={"Cache-Control": KEPT})


@require_safe
@login_required
@permission_required("audio.view_prompt", raise_exception=True)
def waveform(request: HttpRequest, version_id: int) -> HttpResponse:
    version = get_object_or_404(PromptVersion, pk=version_id)
    return HttpResponse(_picture(version), content_type="image/png", headers={"Cache-Control": KEPT})
