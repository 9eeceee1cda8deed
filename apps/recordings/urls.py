from django.urls import path

from apps.recordings import views

urlpatterns = [path("recordings/<str:recording_id>/audio", views.audio, name="recording_audio")]
