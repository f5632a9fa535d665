"""What is kept about a person, in words: the lines of the journal, and the file that a machine can read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.visits.queries.kept import WHY

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from parloir.journal.models import Entry
    from parloir.visits.models import Visit
    from parloir.visits.queries.my_data import MyData

VERBS: dict[str, Promise] = {
    "open_account": gettext_lazy("Ouverture de votre espace"),
    "sign_in": gettext_lazy("Connexion"),
    "sign_out": gettext_lazy("Déconnexion"),
    "revoke_sign_ins": gettext_lazy("Fermeture des connexions"),
    "address.noted": gettext_lazy("Adresse e-mail reçue de FranceConnect"),
    "address.set": gettext_lazy("Adresse e-mail changée"),
    "address.confirmation_asked": gettext_lazy("Message de confirmation demandé"),
    "address.confirmed": gettext_lazy("Adresse e-mail confirmée"),
    "address.returned": gettext_lazy("E-mails revenus : adresse à vérifier"),
    "phone.asked": gettext_lazy("Code demandé pour un téléphone"),
    "phone.confirmed": gettext_lazy("Téléphone confirmé"),
    "phone.removed": gettext_lazy("Téléphone enlevé"),
    "sms.agreed": gettext_lazy("SMS acceptés"),
    "sms.withdrawn": gettext_lazy("SMS arrêtés"),
    "reminders.asked": gettext_lazy("Rappels par e-mail demandés"),
    "reminders.stopped": gettext_lazy("Rappels par e-mail arrêtés"),
    "device_notices.asked": gettext_lazy("Messages sur les nouveaux appareils demandés"),
    "device_notices.stopped": gettext_lazy("Messages sur les nouveaux appareils arrêtés"),
    "calendar.street_asked": gettext_lazy("Adresse complète mise dans l’agenda"),
    "calendar.town_asked": gettext_lazy("Ville seule mise dans l’agenda"),
    "language.chosen": gettext_lazy("Langue des messages choisie"),
    "permit.registered": gettext_lazy("Permis enregistré"),
    "permit.registration_refused": gettext_lazy("Permis non enregistré"),
    "permit.registration_limited": gettext_lazy("Trop d’essais d’enregistrement"),
    "permit.registration_removed": gettext_lazy("Permis enlevé de votre espace"),
    "permit.agreed": gettext_lazy("Accord donné pour votre permis"),
    "permit.account_barred": gettext_lazy("Permis enlevé de l’espace d’une autre personne"),
    "permit.help_asked": gettext_lazy("Aide demandée pour un permis"),
    "visit.booked": gettext_lazy("Rendez-vous pris"),
    "visit.changed": gettext_lazy("Rendez-vous changé"),
    "visit.sms_asked": gettext_lazy("SMS demandé pour un rendez-vous"),
    "visit.sms_stopped": gettext_lazy("SMS arrêté pour un rendez-vous"),
    "visit.cancelled": gettext_lazy("Rendez-vous annulé"),
    "visit.permit_exchanged": gettext_lazy("Rendez-vous porté sur un autre permis de la même personne"),
    "wait.asked": gettext_lazy("Inscription sur la liste d’attente"),
    "wait.ended": gettext_lazy("Fin de l’attente"),
    "wait.moved": gettext_lazy("Attente déplacée"),
    "offer.accepted": gettext_lazy("Place proposée acceptée"),
    "offer.declined": gettext_lazy("Place proposée refusée"),
    "why_not.given": gettext_lazy("Code d’explication demandé"),
    "reconciliation.asked": gettext_lazy("Recherche d’un ancien espace demandée"),
    "reconciliation.declined": gettext_lazy("Pas d’ancien espace"),
}


def told(entry: Entry) -> str:
    """Say a line of the journal; one that has no words of its own is named, never hidden."""
    return str(VERBS.get(entry.verb) or _("Autre opération"))


def as_file(data: MyData) -> dict[str, Any]:
    """Return all of it for a machine: plain values under French names, instants in UTC."""
    account = data.account
    return {
        "identite": {
            "nom_de_naissance": account.birth_name,
            "nom_d_usage": account.use_name,
            "prenoms": account.first_names,
            "date_de_naissance": account.birth_date,
            "langue": account.language,
            "espace_ouvert_le": account.created_at,
        },
        "contact": {"courriel": data.address.email, "confirme": data.address.confirmed},
        "permis": [
            {"numero": c.number, "titulaire": c.holder, "pour_voir": c.detainee, "etat": c.state_name}
            for c in data.permits
        ],
        "mes_permis_chez_d_autres": [{"numero": c.number, "par": c.by, "le": c.registered_at} for c in data.elsewhere],
        "rendez_vous": [_visit(visit) for visit in (*data.upcoming, *data.past)],
        "attentes": [
            {"pour_voir": w.told_detainee, "du": w.first_day, "au": w.last_day, "depuis": w.since} for w in data.waits
        ],
        "brouillons": [
            {"pour_voir": choice.detainee.told_name, "modifie_le": choice.draft.touched_at} for choice in data.drafts
        ],
        "connexions": [
            {"ouverte_le": s.created_at, "derniere_activite": s.last_seen_at, "fermee_le": s.revoked_at}
            for s in data.sign_ins
        ],
        "tout": {kept.kind.key: kept.rows for kept in data.kept},
        "non_montre": [str(reason) for reason in WHY.values()],
        "journal": [{"le": entry.at, "operation": entry.verb, "en_clair": told(entry)} for entry in data.journal],
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "reference": visit.reference,
        "etat": visit.status,
        "debut": visit.slot.starts_at,
        "lieu": visit.slot.wing.establishment.name,
        "pour_voir": visit.told_detainee,
        "personnes": [attendance.told_name for attendance in visit.coming],
        "pris_le": visit.booked_at,
    }
