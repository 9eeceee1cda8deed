from django.urls import path

from apps.live import views

urlpatterns = [
    path("admin/test-call/", views.test_call, name="test_call"),
    path("admin/test-call/options/", views.test_call_options, name="test_call_options"),
]
