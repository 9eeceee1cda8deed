"""A version's sound and its picture, for the players in admin. A version never changes, so browsers may keep both."""

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from apps.audio import sound, speech
from apps.audio.models import STORAGE_FAULTS, PromptVersion, sounds
from apps.audio.speech import SPEED, SpeechFailed, Utterance

KEPT = "private, max-age=86400, immutable"


def _file(file: FieldFile) -> bytes:
    """Errors: Http404, it is gone."""
    try:
        with sounds().open(str(file.name), "rb") as content:
            return content.read()
    except (*STORAGE_FAULTS, ValueError) as gone:
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


@require_POST
@login_required
@permission_required("audio.change_prompt", raise_exception=True)
def spoken(request: HttpRequest) -> HttpResponse:
    """A text on trial. What cannot be spoken is answered in words (422)."""
    asked = request.POST
    speed = int(asked["speed"]) if asked.get("speed", "").isdecimal() else SPEED
    utterance = Utterance(asked.get("text", ""), asked.get("language", ""), asked.get("voice", ""), speed)
    try:
        (made,) = speech.speak([utterance])
    except SpeechFailed as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(made.narrow.wav(), content_type="audio/wav", headers={"Cache-Control": "no-store"})
