from django.urls import path

from apps.audio import views

urlpatterns = [
    path("audio/spoken", views.spoken, name="sound_spoken"),
    path("audio/<int:version_id>.wav", views.listen, name="sound"),
    path("audio/<int:version_id>.png", views.waveform, name="sound_waveform"),
]
