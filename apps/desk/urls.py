from django.urls import path

from apps.desk import views

urlpatterns = [path("desk/", views.desk, name="desk")]
