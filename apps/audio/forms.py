"""The page of one sound: for each language a file, a recording, or a text to speak. What cannot be used is refused beside its field."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from apps.audio import conversions, speech, transcode
from apps.audio.models import LANGUAGES, Conversion, Prompt, PromptVersion
from apps.audio.speech import FASTEST, LONGEST_TEXT, SLOWEST, SPEED, VOICES, SpeechFailed, Utterance

ACCEPT = "audio/*,.wav,.mp3,.ogg,.oga,.opus,.m4a,.webm,.flac"
PARTS = ("upload", "begin", "end", "recorded", "text", "voice", "speed")  # fields of a language


@dataclass(frozen=True)
class Given:
    """What the page gives for one language: a file, or else a text."""

    upload: UploadedFile | None
    begin: float
    end: float | None
    recorded: bool
    text: str
    voice: str
    speed: int


class PromptForm(forms.ModelForm):
    """`given`: language -> what is new in it; filled by `clean`, handed in by `hand_in`."""

    given: dict[str, Given]

    class Meta:
        model = Prompt
        fields = ["name", "music"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.given = {}
        newest = _newest(self.instance) if self.instance.pk else {}
        for language, _name in LANGUAGES:
            if f"text_{language}" in self.fields and (spoken := newest.get(language)) and spoken.source == "text":
                self.fields[f"text_{language}"].initial = spoken.text
                self.fields[f"voice_{language}"].initial = spoken.voice or next(iter(VOICES[language]))
                self.fields[f"speed_{language}"].initial = spoken.speed or SPEED

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for language, _name in LANGUAGES:
            if f"text_{language}" in self.fields:
                self._clean_language(language, self._given(language))
        return cleaned

    def _given(self, language: str) -> Given:
        upload, begin, end, recorded, text, voice, speed = (self.cleaned_data.get(f"{part}_{language}") for part in PARTS)
        return Given(upload, begin or 0.0, end, bool(recorded), (text or "").strip(), voice or "", speed or SPEED)

    def _clean_language(self, language: str, given: Given) -> None:
        fields = self.fields[f"text_{language}"], self.fields[f"voice_{language}"], self.fields[f"speed_{language}"]
        before = fields[0].initial or "", fields[1].initial or next(iter(VOICES[language])), fields[2].initial or SPEED
        changed = bool(given.text) and (given.text, given.voice or before[1], given.speed) != before
        if given.upload and changed:
            self.add_error(f"text_{language}", gettext("Choose one: a file, or a text to speak."))
        elif given.upload:
            self._check_file(language, given, given.upload)
        elif changed:
            self._check_text(language, given)

    def _check_file(self, language: str, given: Given, upload: UploadedFile) -> None:
        try:
            transcode.kind_of(upload.read(conversions.FIRST_BYTES), upload.size or 0)
            if given.end is not None and given.end <= given.begin:
                raise transcode.unusable("cut")
            self.given[language] = given
        except transcode.UnusableSound as refusal:
            self.add_error(f"upload_{language}", str(refusal))

    def _check_text(self, language: str, given: Given) -> None:
        try:
            speech.check(Utterance(given.text, language, given.voice, given.speed))
            self.given[language] = given
        except SpeechFailed as refusal:
            self.add_error(f"text_{language}", str(refusal))

    def hand_in(self, prompt: Prompt, by: int | None) -> list[Conversion]:
        """Errors: OSError, of the storage."""
        return [self._hand_in(prompt, language, given, by) for language, given in self.given.items()]

    def _hand_in(self, prompt: Prompt, language: str, given: Given, by: int | None) -> Conversion:
        if not given.upload:
            return conversions.add_text(prompt=prompt, language=language, text=given.text, voice=given.voice, speed=given.speed, by=by)
        source = "browser" if given.recorded else "file"
        return conversions.add(prompt=prompt, language=language, data=given.upload, source=source, begin=given.begin, end=given.end, by=by)


def _newest(prompt: Prompt) -> dict[str, PromptVersion | Conversion]:
    """Language -> what is played, or is on its way to be: a page that shows the text of before would hand that in again."""
    active = PromptVersion.objects.filter(prompt=prompt, active=True)
    coming = Conversion.objects.filter(prompt=prompt, state="waiting").order_by("id")
    newest: dict[str, PromptVersion | Conversion] = {version.language: version for version in active}
    return newest | {conversion.language: conversion for conversion in coming}


def _fields(language: str) -> dict[str, forms.Field]:
    """Those of PARTS. What lies around a recording and is cut off (begin, end) is set by the page's script."""
    fields = (
        forms.FileField(
            label=_("File"),
            required=False,
            widget=UnfoldAdminFileFieldWidget(attrs={"accept": ACCEPT}),
            help_text=_("WAV, MP3, OGG, M4A, WebM or FLAC; at most 50 MB and 10 minutes (music: one hour)."),
        ),
        forms.FloatField(min_value=0, required=False, widget=forms.HiddenInput()),
        forms.FloatField(min_value=0, required=False, widget=forms.HiddenInput()),
        forms.BooleanField(required=False, widget=forms.HiddenInput()),
        forms.CharField(
            label=_("Text to speak"),
            required=False,
            max_length=LONGEST_TEXT,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "lang": language}),
            help_text=_("Instead of a file: what is written here is spoken by the computer."),
        ),
        forms.ChoiceField(label=_("Voice"), required=False, choices=list(VOICES[language].items()), widget=UnfoldAdminSelectWidget()),
        forms.IntegerField(
            label=_("Speed (words a minute)"),
            required=False,
            initial=SPEED,
            min_value=SLOWEST,
            max_value=FASTEST,
            widget=UnfoldAdminIntegerFieldWidget(attrs={"step": 10}),
        ),
    )
    return {f"{part}_{language}": field for part, field in zip(PARTS, fields, strict=True)}


for _language, _name in LANGUAGES:
    PromptForm.base_fields |= _fields(_language)
    PromptForm.declared_fields |= _fields(_language)
