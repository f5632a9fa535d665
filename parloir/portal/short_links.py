"""Addresses written in messages that stop them, below ``/m/``: short, because an SMS counts its signs."""

from django.urls import path

from parloir.portal.views import preferences

app_name = "stop"
urlpatterns = [
    path("<str:token>/", preferences.stop, name="stop"),
    path("<str:token>/un-clic/", preferences.stop_in_one_click, name="one_click"),
]
