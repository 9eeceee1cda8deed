"""What the page of a sound asks for: call me, and how far is it."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.rights import who
from apps.audio.models import LANGUAGES, Prompt
from apps.dictation import services
from apps.dictation.models import PhoneRecording
from apps.dictation.services import FAULTS, NotPossible


@require_POST
@login_required
@permission_required("audio.change_prompt", raise_exception=True)
def begin(request: HttpRequest, prompt_id: int) -> JsonResponse:
    """`number` and `language`. 409 says in words why it cannot be."""
    prompt = get_object_or_404(Prompt, pk=prompt_id)
    language = request.POST.get("language", "")
    try:
        if language not in dict(LANGUAGES):
            raise NotPossible("not_now")
        recording = services.begin(prompt=prompt, language=language, number=request.POST.get("number", ""), by=who(request))
    except NotPossible as fault:
        return JsonResponse({"text": str(FAULTS.get(fault.code, gettext("This is no telephone number.")))}, status=409)
    return JsonResponse({"address": reverse("phone_recording", args=[recording.pk])} | services.told(recording))


@require_safe
@never_cache
@login_required
@permission_required("audio.change_prompt", raise_exception=True)
def progress(request: HttpRequest, recording: str) -> JsonResponse:
    return JsonResponse(services.told(get_object_or_404(PhoneRecording.objects.select_related("conversion"), pk=recording)))
