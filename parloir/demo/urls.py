"""Addresses of the demonstration's own pages."""

from django.urls import path

from parloir.demo import views

app_name = "demo"

urlpatterns = [
    path("", views.home, name="home"),
    path("courriels/<str:key>/", views.email_page, name="email"),
    path("courriels/<str:key>/mise-en-page/", views.email_layout, name="email-layout"),
]
