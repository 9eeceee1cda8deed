"""The page of one sound: for each language a file to upload or a text to speak. What cannot be used is refused beside its field."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from apps.audio import services, transcode
from apps.audio.models import LANGUAGES, Prompt, PromptVersion
from apps.audio.sound import Sound
from apps.audio.speech import LONGEST_TEXT, SpeechFailed

ACCEPT = "audio/*,.wav,.mp3,.ogg,.oga,.opus,.m4a,.webm,.flac"


class PromptForm(forms.ModelForm):
    """`made`: language -> (sound, its text) of what was uploaded or is to be spoken anew; filled by `clean`."""

    made: dict[str, tuple[Sound, str]]

    class Meta:
        model = Prompt
        fields = ["name", "music"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.made = {}
        active = PromptVersion.objects.filter(prompt=self.instance.pk, active=True) if self.instance.pk else ()
        texts = {version.language: version.text for version in active}
        for language, _name in LANGUAGES:
            if text := self.fields.get(f"text_{language}"):
                text.initial = texts.get(language, "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            for language, _name in LANGUAGES:
                self._clean_language(language, cleaned.get(f"upload_{language}"), cleaned.get(f"text_{language}") or "")
        return cleaned

    def _clean_language(self, language: str, upload: UploadedFile | None, text: str) -> None:
        changed = text != (self.fields[f"text_{language}"].initial or "")
        if upload and changed and text:
            self.add_error(f"text_{language}", gettext("Choose one: a file, or a text to speak."))
        elif upload:
            self._convert(language, upload)
        elif changed and text:
            self._speak(language, text)

    def _convert(self, language: str, upload: UploadedFile) -> None:
        if (upload.size or 0) > transcode.LARGEST:
            self.add_error(f"upload_{language}", str(transcode.REASONS["large"]))
            return
        try:
            self.made[language] = services.converted(upload.read(), music=bool(self.cleaned_data.get("music"))), ""
        except transcode.UnusableSound as refusal:
            self.add_error(f"upload_{language}", str(refusal))

    def _speak(self, language: str, text: str) -> None:
        try:
            self.made[language] = services.spoken(text, language), text
        except SpeechFailed as refusal:
            self.add_error(f"text_{language}", str(refusal))


def _fields(language: str) -> dict[str, forms.Field]:
    return {
        f"upload_{language}": forms.FileField(
            label=_("File"),
            required=False,
            widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPT}),
            help_text=_("WAV, MP3, OGG, M4A, WebM or FLAC; at most 50 MB and 10 minutes (music: one hour)."),
        ),
        f"text_{language}": forms.CharField(
            label=_("Text to speak"),
            required=False,
            max_length=LONGEST_TEXT,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "lang": language}),
            help_text=_("Instead of a file: what is written here is spoken by the computer."),
        ),
    }


for _language, _name in LANGUAGES:
    PromptForm.base_fields |= _fields(_language)
    PromptForm.declared_fields |= _fields(_language)
