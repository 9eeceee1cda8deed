from django.urls import path

from apps.audio import several, views

urlpatterns = [
    path("audio/spoken", views.spoken, name="sound_spoken"),
    path("audio/several/names", several.names, name="sound_several_names"),
    path("audio/several/file", several.file, name="sound_several_file"),
    path("audio/several/progress", several.progress, name="sound_several_progress"),
    path("audio/<int:version_id>.wav", views.listen, name="sound"),
    path("audio/<int:version_id>.png", views.waveform, name="sound_waveform"),
]
