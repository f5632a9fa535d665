"""Addresses of this front."""

from django.urls import path

from parloir.public.views import establishments, health, language, pages

app_name = "public"

urlpatterns = [
    path("", pages.home, name="home"),
    path("etablissements/", establishments.establishments, name="establishments"),
    path("aide/", pages.help_page, name="help"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("mentions-legales/", pages.legal_notice, name="legal-notice"),
    path("donnees-personnelles/", pages.personal_data, name="personal-data"),
    path("plan-du-site/", pages.site_map, name="site-map"),
    path("robots.txt", pages.robots, name="robots"),
    path("langue/", language.change_language, name="language"),
    path("sante/vivant", health.alive, name="alive"),
    path("sante/pret", health.ready, name="ready"),
]
