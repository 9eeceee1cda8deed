"""All addresses. Each app with pages has its own `urls`."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from contactcenter import health

admin.autodiscover()

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("admin/login/", RedirectView.as_view(pattern_name="login", query_string=True)),  # there is one log-in page
    path("", include("apps.accounts.urls")),
    path("", include("apps.desk.urls")),
    path("", include("apps.live.urls")),
    path("", include("apps.audio.urls")),
    path("", include("apps.dictation.urls")),
    path("", include("apps.hours.urls")),
    path("", include("apps.recordings.urls")),
    path("api/", include("apps.api.urls")),
    path("admin/", admin.site.urls),
]
