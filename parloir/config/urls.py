"""Every address of the product, by front."""

from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("parloir.public.urls")),
    path("", include("parloir.identity.urls")),
    path("espace/", include("parloir.portal.urls")),
    path("courriel/", include("parloir.portal.links")),
    path("m/", include("parloir.portal.short_links")),
    *([path("", include("parloir.public.bounces"))] if settings.BOUNCES["provider"] else []),
    *([path("demo/", include("parloir.demo.urls"))] if settings.DEV else []),
]

_ERRORS = "parloir.public.views.errors"
handler400 = f"{_ERRORS}.bad_request"
handler403 = f"{_ERRORS}.forbidden"
handler404 = f"{_ERRORS}.not_found"
handler500 = f"{_ERRORS}.server_error"
