"""Addresses that messages lead to and that open without signing in, below ``/courriel/``."""

from django.urls import path

from parloir.portal.views import contact

app_name = "links"
urlpatterns = [path("confirmer/<str:token>/", contact.confirm, name="confirm")]
