from django.urls import path

from apps.dictation import views

urlpatterns = [
    path("sounds/<int:prompt_id>/phone", views.begin, name="record_by_phone"),
    path("sounds/phone/<str:recording>", views.progress, name="phone_recording"),
]
