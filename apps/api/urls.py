"""Addresses for programs, below /api/."""

from django.urls import path

from apps.api import flows

urlpatterns = [path("flows/<int:flow>/dry-run", flows.DryRun.as_view(), name="api_dry_run")]
