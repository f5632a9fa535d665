"""Addresses of this front."""

from django.urls import path, register_converter

from parloir.public.sections import SectionConverter
from parloir.public.views import (
    contact,
    establishments,
    guide,
    health,
    language,
    opinion,
    pages,
    posters,
    questions,
    receipts,
    sitemap,
    tutorials,
)

register_converter(SectionConverter, "section")

app_name = "public"

urlpatterns = [
    path("", pages.home, name="home"),
    path("etablissements/", establishments.establishments, name="establishments"),
    path("etablissements/suggestions/", establishments.suggest, name="suggestions"),
    path("etablissements/carte/", establishments.prisons_map, name="map"),
    path("etablissements/carte/<slug:slug>/", establishments.map_of, name="map-around"),
    path("etablissements/<slug:slug>/", establishments.sheet, name="sheet"),
    path("aide/", questions.help_page, name="help"),
    path("aide/tutoriels/", tutorials.tutorials, name="tutorials"),
    path("aide/tutoriels/<slug:slug>/", tutorials.tutorial, name="tutorial"),
    path("aide/<section:section>/", questions.help_section, name="help-section"),
    path("aide/<section:section>/<slug:slug>/", questions.answer, name="answer"),
    path("aide/<section:section>/<slug:slug>/avis/", questions.give_opinion, name="opinion"),
    path("avis/", opinion.site_opinion, name="site-opinion"),
    path("permis/demander/", guide.permit_guide, name="permit-guide"),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("accessibilite/schema-pluriannuel/", pages.accessibility_plan, name="accessibility-plan"),
    path("mentions-legales/", pages.legal_notice, name="legal-notice"),
    path("donnees-personnelles/", pages.personal_data, name="personal-data"),
    path("cookies/", pages.cookies, name="cookies"),
    path("contact/", contact.contact, name="contact"),
    path("contact/<slug:subject>/", contact.contact_about, name="contact-about"),
    path("contact/<slug:subject>/<slug:slug>/", contact.contact_prison, name="contact-prison"),
    path("affiches/", posters.posters, name="posters"),
    path("affiches/<slug:name>.pdf", posters.poster, name="poster"),
    path("affiches/<slug:slug>/", posters.posters, name="posters-of"),
    path("affiches/<slug:slug>/<slug:name>.pdf", posters.poster, name="poster-of"),
    path("plan-du-site/", pages.site_map, name="site-map"),
    path("recus/ovh/<str:secret>/", receipts.ovh_receipt, name="ovh-receipt"),
    path("recus/<str:token>/", receipts.receipt, name="receipt"),
    path("robots.txt", pages.robots, name="robots"),
    path(".well-known/security.txt", pages.security, name="security"),
    path("sitemap.xml", sitemap.xml_site_map, name="sitemap"),
    path("langue/", language.change_language, name="language"),
    path("sante/vivant", health.alive, name="alive"),
    path("sante/pret", health.ready, name="ready"),
]
