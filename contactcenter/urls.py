"""All addresses. Each app with pages has its own `urls`; what they begin with is said here."""

from importlib.util import find_spec

from django.apps import apps
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from contactcenter import health

own = [include(f"{app.name}.urls") for app in apps.get_app_configs() if app.name.startswith("apps.") and find_spec(f"{app.name}.urls")]
urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),
    path("admin/logout/", RedirectView.as_view(pattern_name="logout")),
    *(path("", urls) for urls in own),  # before admin, which answers every address below its own with "not found"
    path("admin/", admin.site.urls),
]
