"""A version's sound and its picture, for the players in admin. A version never changes, so browsers may keep both."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.audio import sound
from apps.audio.models import PromptVersion

KEPT = "private, max-age=86400, immutable"


def _file(version_id: int) -> bytes:
    """Errors: Http404, also when the file is gone."""
    version = get_object_or_404(PromptVersion, pk=version_id)
    try:
        with version.file.open("rb") as file:
            return file.read()
    except (OSError, ValueError) as gone:
        raise Http404 from gone


@require_safe
@login_required
@permission_required("audio.view_prompt", raise_exception=True)
def listen(request: HttpRequest, version_id: int) -> HttpResponse:
    return HttpResponse(_file(version_id), content_type="audio/wav", headers={"Cache-Control": KEPT})


@require_safe
@login_required
@permission_required("audio.view_prompt", raise_exception=True)
def waveform(request: HttpRequest, version_id: int) -> HttpResponse:
    picture = sound.waveform(sound.read(_file(version_id)))
    return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": KEPT})
