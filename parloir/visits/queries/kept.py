"""The registry of all that is kept about an account: each model, each field, shown or refused with a reason.

A test walks the models: one that is linked to an account, or a field of one, that is not listed here fails it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import Promise

    from parloir.people.models import Account


class Why(StrEnum):
    """Why a field is not shown."""

    OURS = "ours"
    SECRET = "secret"  # noqa: S105 - a reason
    IN_WORDS = "in_words"
    PROTECTS = "protects"


WHY: Mapping[Why, Promise] = {
    Why.OURS: _("Les numéros et les réglages internes, qui ne disent rien de vous."),
    Why.SECRET: _("Les clés et les empreintes qui protègent votre espace : les montrer aiderait quelqu’un à y entrer."),
    Why.IN_WORDS: _("Les liens vers d’autres fiches : ce qu’ils disent est écrit en clair ci-dessus."),
    Why.PROTECTS: _(
        "Ce qui touche d’autres personnes, par exemple si l’une d’elles vous a refusé l’usage de ses permis : "
        "nous ne disons à personne si c’est le cas."
    ),
}
"""The same words for everybody, whatever is kept."""


@dataclass(frozen=True)
class Kind:
    """One model linked to an account.

    :ivar key: its name in the file for machines.
    :ivar fields: each field's name in that file with its label, or why it is refused.
    """

    key: str
    model: str
    title: Promise
    fields: Mapping[str, tuple[str, Promise] | Why]
    account: str = "account"


@dataclass(frozen=True)
class Kept:
    """What is kept of one kind: the labels, and the rows."""

    kind: Kind
    rows: list[dict[str, Any]]


_WHEN = ("le", _("Le"))
_ENDED = ("fini_le", _("Fini le"))
_HOLD = {"id": Why.OURS, "account": Why.OURS}

REGISTRY: tuple[Kind, ...] = (
    Kind(
        "compte",
        "people.Account",
        _("Votre espace"),
        {
            "id": Why.OURS,
            "issuer": ("identite_recue_de", _("Identité reçue de")),
            "sub": ("identifiant_recu", _("Identifiant reçu de FranceConnect")),
            "birth_name": ("nom_de_naissance", _("Nom de naissance")),
            "folded_name": Why.OURS,
            "use_name": ("nom_d_usage", _("Nom d’usage")),
            "first_names": ("prenoms", _("Prénoms")),
            "birth_date": ("date_de_naissance", _("Date de naissance")),
            "language": ("langue", _("Langue des messages")),
            "language_chosen": ("langue_choisie", _("Langue choisie par vous")),
            "created_at": ("ouvert_le", _("Espace ouvert le")),
            "reconciliation": ("ancien_espace", _("Recherche d’un ancien espace")),
            "erased_at": Why.OURS,
            "suiting_weekdays": ("jours_preferes", _("Jours que vous préférez")),
            "suiting_part": ("moment_prefere", _("Moment de la journée que vous préférez")),
        },
        account="pk",
    ),
    Kind(
        "joindre",
        "notifications.Contact",
        _("Pour vous joindre"),
        {
            **_HOLD,
            "email": ("courriel", _("Adresse e-mail")),
            "email_confirmed_at": ("courriel_confirme_le", _("Adresse confirmée le")),
            "email_returned_at": ("courriel_revenu_le", _("Message revenu le")),
            "email_reminder": ("rappels_par_courriel", _("Rappels par e-mail")),
            "street_in_calendar": ("rue_dans_le_calendrier", _("Rue écrite dans le calendrier")),
            "device_notices": ("avis_nouvel_appareil", _("Avis de nouvel appareil")),
            "phone": ("telephone", _("Téléphone")),
            "phone_confirmed_at": ("telephone_confirme_le", _("Téléphone confirmé le")),
            "sms_since": ("sms_acceptes_le", _("SMS acceptés le")),
            "sms_ended": ("sms_arretes_le", _("SMS arrêtés le")),
        },
    ),
    Kind(
        "connexions_detail",
        "people.SignIn",
        _("Vos connexions"),
        {
            **_HOLD,
            "key": Why.SECRET,
            "id_token": Why.SECRET,
            "created_at": ("ouverte_le", _("Ouverte le")),
            "last_seen_at": ("derniere_activite", _("Dernière activité")),
            "revoked_at": ("fermee_le", _("Fermée le")),
            "proven_at": ("identite_verifiee_le", _("Identité vérifiée le")),
        },
    ),
    Kind(
        "appareils",
        "people.Device",
        _("Vos appareils"),
        {
            **_HOLD,
            "mark": Why.SECRET,
            "first_seen_at": ("vu_la_premiere_fois", _("Vu la première fois le")),
            "last_seen_at": ("vu_la_derniere_fois", _("Vu la dernière fois le")),
        },
    ),
    Kind(
        "avis",
        "notifications.Notice",
        _("Avis à envoyer"),
        {
            **_HOLD,
            "kind": ("sujet", _("Sujet")),
            "email": ("courriel", _("Adresse e-mail")),
            "at": _WHEN,
        },
    ),
    Kind(
        "codes_telephone",
        "notifications.PhoneCode",
        _("Codes envoyés à un téléphone"),
        {
            **_HOLD,
            "phone": ("telephone", _("Téléphone")),
            "seed": Why.SECRET,
            "asked_at": _WHEN,
            "tries": ("essais", _("Essais")),
            "ended": ("utilise", _("Utilisé")),
        },
    ),
    Kind(
        "messages_envoyes",
        "notifications.Delivery",
        _("Messages envoyés"),
        {
            **_HOLD,
            "dedup_key": ("sujet", _("Sujet")),
            "channel": ("moyen", _("Moyen")),
            "outcome": ("resultat", _("Résultat")),
            "created_at": ("demande_le", _("Demandé le")),
            "sent_at": ("envoye_le", _("Envoyé le")),
            "tries": ("essais", _("Essais")),
            "said": Why.OURS,
            "token": Why.SECRET,
            "provider_id": Why.OURS,
            "receipt": ("accuse", _("Accusé de réception")),
            "receipt_at": ("accuse_le", _("Accusé reçu le")),
        },
    ),
    Kind(
        "permis_enregistres",
        "permits.Registration",
        _("Permis enregistrés"),
        {
            **_HOLD,
            "permit": Why.IN_WORDS,
            "holding": ("titulaire", _("Titulaire")),
            "registered_at": _WHEN,
            "warned_until": ("averti_de_la_fin", _("Averti de la fin au")),
            "agreed_at": ("accord_le", _("Accord donné le")),
            "typed_name": ("nom_tape", _("Nom que vous avez écrit")),
        },
    ),
    Kind(
        "refus_de_permis",
        "permits.Barred",
        _("Refus d’une autre personne"),
        dict.fromkeys(("id", "account", "visitor", "at"), Why.PROTECTS),
    ),
    Kind(
        "essais_d_enregistrement",
        "permits.Attempt",
        _("Essais pour enregistrer un permis"),
        {
            **_HOLD,
            "address": Why.SECRET,
            "network": Why.SECRET,
            "at": _WHEN,
            "failed": ("sans_succes", _("Sans succès")),
            "pair": Why.SECRET,
            "unheard": ("essais_de_trop", _("Essais de trop ensuite")),
        },
    ),
    Kind(
        "rendez_vous_pris",
        "visits.Visit",
        _("Rendez-vous que vous avez pris"),
        {
            "id": Why.OURS,
            "booker": Why.OURS,
            "reference": ("reference", _("Référence")),
            "detainee": Why.IN_WORDS,
            "slot": Why.IN_WORDS,
            "channel": ("moyen", _("Moyen")),
            "status": ("etat", _("État")),
            "during": Why.IN_WORDS,
            "local_date": ("jour", _("Jour")),
            "week": Why.OURS,
            "booked_at": ("pris_le", _("Pris le")),
            "cancelled_at": ("annule_le", _("Annulé le")),
            "cancelled_by": Why.PROTECTS,
            "cancel_cause": Why.PROTECTS,
            "sms_reminder": ("rappel_sms", _("Rappel par SMS")),
            "sms_agreed_at": ("rappel_sms_accepte_le", _("Rappel par SMS accepté le")),
            "accessible": ("cabine_accessible", _("Cabine accessible")),
            "trip": Why.OURS,
            "version": Why.OURS,
            "idempotency_key": Why.SECRET,
            "change_key": Why.SECRET,
            "anonymised_at": Why.OURS,
            "party": Why.OURS,
            "children": Why.OURS,
        },
        account="booker",
    ),
    Kind(
        "rendez_vous_commences",
        "visits.Draft",
        _("Rendez-vous commencés"),
        {
            **_HOLD,
            "detainee": Why.IN_WORDS,
            "replaces": Why.IN_WORDS,
            "permit_ids": Why.IN_WORDS,
            "accessible": ("cabine_accessible", _("Cabine accessible")),
            "touched_at": _WHEN,
        },
    ),
    Kind(
        "listes_d_attente",
        "visits.WaitingEntry",
        _("Listes d’attente"),
        {
            **_HOLD,
            "detainee": Why.IN_WORDS,
            "wing": Why.PROTECTS,
            "permit_ids": Why.IN_WORDS,
            "first_day": ("du", _("Du")),
            "last_day": ("au", _("Au")),
            "weekdays": ("jours_de_la_semaine", _("Jours de la semaine")),
            "earliest": ("a_partir_de", _("À partir de")),
            "latest": ("jusqu_a", _("Jusqu’à")),
            "notice_hours": ("prevenir_avant_heures", _("Heures pour être prévenu")),
            "accessible": ("cabine_accessible", _("Cabine accessible")),
            "moved": Why.PROTECTS,
            "active_from": Why.PROTECTS,
            "since": ("depuis", _("Depuis")),
            "ended_at": _ENDED,
            "end_cause": Why.PROTECTS,
        },
    ),
    Kind(
        "alertes_d_ouverture",
        "visits.OpeningAlert",
        _("Alertes d’ouverture"),
        {
            **_HOLD,
            "detainee": Why.IN_WORDS,
            "day": ("jour", _("Jour")),
            "asked_at": ("demande_le", _("Demandé le")),
            "opens_at": ("ouvre_le", _("Ouvre le")),
            "told_at": ("envoye_le", _("Envoyé le")),
        },
    ),
    Kind(
        "codes_d_explication",
        "visits.WhyNot",
        _("Codes d’explication"),
        {
            **_HOLD,
            "code": ("code", _("Code")),
            "detainee": Why.IN_WORDS,
            "slot": Why.IN_WORDS,
            "permit_ids": Why.IN_WORDS,
            "asked_at": ("demande_le", _("Demandé le")),
            "expires_at": _ENDED,
        },
    ),
)


def kept_about(account: Account, *, at_most: int) -> list[Kept]:
    """Return the rows kept of each kind, the latest first, under their names in the file: one statement a kind."""
    return [Kept(kind, _rows(kind, account, at_most)) for kind in REGISTRY if _shown(kind)]


def _shown(kind: Kind) -> dict[str, tuple[str, Promise]]:
    return {field: told for field, told in kind.fields.items() if not isinstance(told, Why)}


def _rows(kind: Kind, account: Account, at_most: int) -> list[dict[str, Any]]:
    shown = _shown(kind)
    rows = apps.get_model(kind.model)._default_manager.filter(**{kind.account: account.pk}).order_by("-pk")  # noqa: SLF001
    return [{shown[field][0]: value for field, value in row.items()} for row in rows.values(*shown)[:at_most]]
