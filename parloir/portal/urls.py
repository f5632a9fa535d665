"""Addresses of a relative's space, below ``/espace/``."""

from django.urls import path

from parloir.portal.views import booking, changing, contact, documents, holding, home, permits, visits, waiting, why_not

app_name = "portal"
urlpatterns = [
    path("", home.home, name="home"),
    path("permis/", permits.permits, name="permits"),
    path("permis/ajouter/", permits.add, name="permit_add"),
    path("permis/aide/", permits.ask_help, name="permit_help"),
    path("permis/<int:registration_id>/", permits.permit, name="permit"),
    path("permis/<int:registration_id>/retirer/", permits.remove, name="permit_remove"),
    path("permis/ailleurs/<int:registration_id>/retirer/", permits.take_back, name="permit_take_back"),
    path("courriel/", contact.email, name="email"),
    path("courriel/renvoyer/", contact.email_resend, name="email_resend"),
    path("attente/", waiting.waits, name="waits"),
    path("attente/<int:offer_id>/", waiting.offer, name="offer"),
    path("attente/rejoindre/<int:detainee_id>/", waiting.join, name="wait_join"),
    path("attente/quitter/<int:entry_id>/", waiting.leave, name="wait_leave"),
    path("attente/ouverture/<int:detainee_id>/", waiting.opening, name="wait_opening"),
    path("rendez-vous/", visits.visits, name="visits"),
    path("rendez-vous/nouveau/", booking.choose_detainee, name="visit_new"),
    path("rendez-vous/nouveau/<int:detainee_id>/", booking.choose_slot, name="visit_slot"),
    path("rendez-vous/nouveau/<int:detainee_id>/pourquoi/", why_not.explain, name="why_not"),
    path("rendez-vous/nouveau/<int:detainee_id>/garder/", holding.hold, name="visit_hold"),
    path("rendez-vous/nouveau/<int:detainee_id>/prolonger/", booking.extend, name="visit_extend"),
    path("rendez-vous/nouveau/<int:detainee_id>/abandonner/", holding.drop, name="visit_drop"),
    path("rendez-vous/nouveau/<int:detainee_id>/plusieurs-jours/", holding.trip, name="visit_trip"),
    path("rendez-vous/nouveau/<int:detainee_id>/qui-vient/", booking.choose_people, name="visit_people"),
    path("rendez-vous/nouveau/<int:detainee_id>/verifier/", booking.check, name="visit_check"),
    path("rendez-vous/<str:reference>/", visits.visit, name="visit"),
    path("rendez-vous/<str:reference>/preuve.pdf", documents.proof, name="visit_proof"),
    path("rendez-vous/<str:reference>/calendrier.ics", documents.calendar, name="visit_calendar"),
    path("rendez-vous/<str:reference>/annuler/", visits.cancel, name="visit_cancel"),
    path("rendez-vous/<str:reference>/changer/", changing.change_slot, name="visit_change"),
    path("rendez-vous/<str:reference>/qui-vient/", changing.change_people, name="visit_change_people"),
    path("rendez-vous/<str:reference>/retirer/", changing.withdraw, name="visit_withdraw"),
    path("rendez-vous/<str:reference>/ne-pas-venir/", changing.leave, name="visit_leave"),
    path("rendez-vous/<str:reference>/semaine-prochaine/", changing.next_week, name="visit_next_week"),
]
