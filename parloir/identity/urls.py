"""Addresses of this front."""

from django.urls import path

from parloir.identity import views

app_name = "identity"
urlpatterns = [
    path("connexion/", views.sign_in, name="sign_in"),
    path("connexion/franceconnect/", views.start, name="start"),
    path("connexion/franceconnect/retour/", views.callback, name="callback"),
    path("deconnexion/", views.sign_out, name="sign_out"),
    path("deconnexion/retour/", views.signed_out, name="signed_out"),
]
