"""Addresses for programs, below /api/."""

from django.urls import path

from apps.api import calls, flows

urlpatterns = [
    path("flows/<int:flow>/dry-run", flows.DryRun.as_view(), name="api_dry_run"),
    path("calls", calls.CallsOut.as_view(), name="api_calls"),
    path("calls/<str:call>", calls.CallOut.as_view(), name="api_call"),
]
