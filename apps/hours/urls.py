from django.urls import path

from apps.hours.public import opening_hours_now

urlpatterns = [path("open/<slug:key>.json", opening_hours_now, name="opening_hours_now")]
