"""Addresses of the look-alike: the protocol's below the issuer's path, the pages' beside it."""

from django.urls import include, path

from parloir.demo.provider import pages, protocol
from parloir.demo.provider.declared import base_path

app_name = "provider"
_protocol = [
    path(".well-known/openid-configuration", protocol.discovery),
    path("authorize", protocol.authorize),
    path("token", protocol.token),
    path("userinfo", protocol.userinfo),
    path("jwks", protocol.jwks),
    path("session/end", protocol.end_session),
]
urlpatterns = [
    path(base_path(), include(_protocol)),
    path("", pages.about),
    path("style.css", pages.style),
    path("connexion/<str:key>/", pages.choose_provider, name="choose_provider"),
    path("connexion/<str:key>/<slug:provider>/", pages.choose_persona, name="choose_persona"),
]
