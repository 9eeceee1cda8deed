"""The player's file, in byte ranges so that it can be searched."""

import logging
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from apps.accounts.rights import who
from apps.recordings import playback, ranges, services
from apps.recordings.access import audible
from apps.recordings.models import Recording

PIECE = 65_536  # bytes

log = logging.getLogger(__name__)


@require_safe
@login_required
def audio(request: HttpRequest, recording_id: str) -> HttpResponseBase:
    """AR-05: administrators hear all recordings, a team leader those of his team. Faults are answered in words."""
    recording = get_object_or_404(Recording, pk=recording_id)
    if not audible(Recording.objects.filter(pk=recording.pk), request.user).exists():
        raise PermissionDenied
    try:
        return _private(_answer(request, recording), recording)
    except playback.UnplayableError as fault:
        log.warning("recording %s cannot be played: %d", recording.pk, fault.status)
        return _private(HttpResponse(str(fault), status=fault.status, content_type="text/plain; charset=utf-8"), recording)


def _answer(request: HttpRequest, recording: Recording) -> HttpResponseBase:
    playback.require_stored(recording)
    try:
        part = ranges.wanted(_range_header(request, recording), recording.size)
    except ranges.UnsatisfiableError:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{recording.size}"})
    new = services.begins_listen(recording, who(request), from_start=part is None or part[0] == 0)
    file = playback.opened(recording, verify=new)
    if new and request.method == "GET":
        services.log_listen(recording, who(request))
    return _whole(request, recording, file) if part is None else _part(recording, file, *part)


def _range_header(request: HttpRequest, recording: Recording) -> str:
    """RFC 9110, 13.1.5: a range of another version is answered with the whole file."""
    if request.headers.get("If-Range", _etag(recording)) != _etag(recording):
        return ""
    return request.headers.get("Range", "")


def _etag(recording: Recording) -> str:
    return f'"{recording.sha256}"'


def _part(recording: Recording, file: File, first: int, last: int) -> HttpResponse:
    with file:
        file.seek(first)
        content = file.read(last - first + 1)
    return HttpResponse(content, status=206, content_type="audio/wav", headers={"Content-Range": f"bytes {first}-{last}/{recording.size}"})


def _whole(request: HttpRequest, recording: Recording, file: File) -> StreamingHttpResponse:
    """An ASGI server would first gather what a plain iterator yields, and an hour of sound is 115 MB."""
    pieces = _pieces_async(file) if isinstance(request, ASGIRequest) else _pieces(file)
    return StreamingHttpResponse(pieces, content_type="audio/wav", headers={"Content-Length": str(recording.size)})


def _pieces(file: File) -> Iterator[bytes]:
    with file:
        yield from file.chunks(PIECE)


async def _pieces_async(file: File) -> AsyncIterator[bytes]:
    with file:
        while piece := await sync_to_async(file.read)(PIECE):
            yield piece


def _private(response: HttpResponseBase, recording: Recording) -> HttpResponseBase:
    response.headers["Cache-Control"] = "private, no-store"
    if response.status_code in (200, 206):
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["ETag"] = _etag(recording)
        response.headers["Content-Disposition"] = f'inline; filename="{recording.pk}.wav"'
    return response
