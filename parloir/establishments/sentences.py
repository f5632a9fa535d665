"""The French words of the codes that establishments, policies and visits share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parloir.establishments.rules import Channel, OnlineBooking, PenalCategory, PolicyWarning, VisitKind
from parloir.foundation.text import clock_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

    from parloir.establishments.rules import Policy

PENAL_CATEGORIES: Mapping[PenalCategory, StrPromise] = {
    PenalCategory.PREVENU: gettext_lazy("Prévenu"),
    PenalCategory.APPELANT: gettext_lazy("Appelant"),
    PenalCategory.CONDAMNE: gettext_lazy("Condamné"),
    PenalCategory.PREVENU_CONDAMNE: gettext_lazy("Prévenu et condamné"),
}

VISIT_KINDS: Mapping[VisitKind, StrPromise] = {
    VisitKind.ORDINARY: gettext_lazy("Parloir ordinaire"),
    VisitKind.SEPARATED: gettext_lazy("Parloir avec vitre (hygiaphone)"),
    VisitKind.PROLONGED: gettext_lazy("Parloir prolongé"),
    VisitKind.FAMILY_ROOM: gettext_lazy("Parloir familial (salon)"),
    VisitKind.FAMILY_UNIT: gettext_lazy("Unité de vie familiale"),
}

CHANNELS: Mapping[Channel, StrPromise] = {
    Channel.ONLINE: gettext_lazy("En ligne"),
    Channel.KIOSK: gettext_lazy("Borne"),
    Channel.TELEPHONE: gettext_lazy("Téléphone"),
    Channel.DESK: gettext_lazy("Guichet"),
}

ONLINE_BOOKING: Mapping[OnlineBooking, StrPromise] = {
    OnlineBooking.OPEN: gettext_lazy("Les parloirs peuvent être réservés en ligne."),
    OnlineBooking.SEMI_LIBERTY: gettext_lazy("Les visites d’un centre de semi-liberté ne se réservent pas en ligne."),
    OnlineBooking.EMPTY: gettext_lazy(
        "Cet établissement n’accueille personne actuellement : aucune visite n’y est possible."
    ),
}

KINDS: Mapping[str, StrPromise] = {
    "MA": gettext_lazy("Maison d’arrêt"),
    "CP": gettext_lazy("Centre pénitentiaire"),
    "CD": gettext_lazy("Centre de détention"),
    "MC": gettext_lazy("Maison centrale"),
    "CSL": gettext_lazy("Centre de semi-liberté"),
    "EPM": gettext_lazy("Établissement pénitentiaire pour mineurs"),
}

WINGS: Mapping[str, StrPromise] = {
    "MA/QMA": gettext_lazy("Quartier maison d’arrêt"),
    "CD/QCD": gettext_lazy("Quartier centre de détention"),
    "MC/QMC": gettext_lazy("Quartier maison centrale"),
    "CSL/QSL": gettext_lazy("Quartier de semi-liberté"),
    "SAS": gettext_lazy("Structure d’accompagnement vers la sortie"),
    "EPM": gettext_lazy("Établissement pour mineurs"),
    "CNE": gettext_lazy("Centre national d’évaluation"),
    "EPSN": gettext_lazy("Établissement public de santé national"),
}

POLICY_WARNINGS: Mapping[PolicyWarning, StrPromise] = {
    PolicyWarning.PREVENU_BELOW_LEGAL_FLOOR: gettext_lazy(
        "La loi garantit aux personnes prévenues au moins trois visites par semaine "
        "(code pénitentiaire, article L341-2) : ce maximum est inférieur."
    ),
    PolicyWarning.CONDAMNE_BELOW_LEGAL_FLOOR: gettext_lazy(
        "La loi garantit aux personnes condamnées au moins une visite par semaine "
        "(code pénitentiaire, article L341-3) : ce maximum est inférieur."
    ),
}


def direction_name(direction: str) -> str:
    """Return a direction in full: « Direction interrégionale des services pénitentiaires de Dijon »."""
    if direction.startswith("Outre-mer"):
        return _("Direction des services pénitentiaires de l’outre-mer")
    return _("Direction interrégionale des services pénitentiaires de %(town)s") % {"town": direction}


def rules_of_visit(policy: Policy) -> list[str]:
    """Return a wing's rules in the words of families: when to book, how many come, when to arrive, what to bring."""
    return [*_booking(policy), *_people(policy), *_arriving(policy), *_documents(policy)]


def _booking(policy: Policy) -> list[str]:
    opens = ngettext(
        "La réservation en ligne ouvre %(days)d jour avant la visite, à %(time)s.",
        "La réservation en ligne ouvre %(days)d jours avant la visite, à %(time)s.",
        policy.opens_days_before,
    )
    closes = _(
        "Elle ferme %(online)d h avant la visite sur Internet, %(kiosk)d h avant à la borne, "
        "%(telephone)d h avant par téléphone."
    )
    change = _("Un rendez-vous se change en ligne jusqu’à %(hours)d h avant ; il s’annule jusqu’au début de la visite.")
    return [
        opens % {"days": policy.opens_days_before, "time": clock_time(policy.opens_at)},
        closes
        % {
            "online": policy.closes_hours_before_online,
            "kiosk": policy.closes_hours_before_kiosk,
            "telephone": policy.closes_hours_before_telephone,
        },
        change % {"hours": policy.change_hours_before_online},
    ]


def _people(policy: Policy) -> list[str]:
    people = ngettext(
        "%(people)d personne au plus vient à une visite, dont %(adults)d adulte au plus.",
        "%(people)d personnes au plus viennent à une visite, dont %(adults)d adultes au plus.",
        policy.attendees_maximum,
    )
    infants = _("Les bébés comptent.") if policy.infants_count else _("Les bébés ne comptent pas.")
    days = ngettext(
        "La personne détenue a au plus %(number)d visite par jour.",
        "La personne détenue a au plus %(number)d visites par jour.",
        policy.daily_maximum_detainee,
    )
    maxima = (
        (_("Personne prévenue :"), policy.weekly_maximum_prevenu),
        (_("Personne condamnée :"), policy.weekly_maximum_condamne),
    )
    numbers = {"people": policy.attendees_maximum, "adults": policy.adults_maximum}
    return [
        f"{people % numbers} {infants}",
        *(f"{who} {_weekly(maximum)}" for who, maximum in maxima),
        days % {"number": policy.daily_maximum_detainee},
    ]


def _weekly(maximum: int | None) -> str:
    if maximum is None:
        return _("pas de maximum par semaine.")
    return ngettext("%(number)d visite par semaine au plus.", "%(number)d visites par semaine au plus.", maximum) % {
        "number": maximum
    }


def _arriving(policy: Policy) -> list[str]:
    lasts = ngettext(
        "Une visite dure %(minutes)d minute.", "Une visite dure %(minutes)d minutes.", policy.duration_minutes
    )
    arrive = _("Présentez-vous %(minutes)d minutes avant l’heure.") % {"minutes": policy.arrive_minutes_before}
    late = (
        _("Un retard de %(minutes)d minutes est toléré.") % {"minutes": policy.lateness_tolerance_minutes}
        if policy.lateness_tolerance_minutes
        else _("Aucun retard n’est accepté.")
    )
    return [lasts % {"minutes": policy.duration_minutes}, f"{arrive} {late}"]


def _documents(policy: Policy) -> list[str]:
    identity = _("Chaque adulte présente une pièce d’identité en cours de validité.")
    licence = (
        _("Le permis de conduire est accepté.")
        if policy.driving_licence_accepted
        else _("Le permis de conduire est refusé.")
    )
    said = [f"{identity} {licence}"]
    if policy.family_record_book_for_children:
        said.append(_("Pour les enfants, apportez le livret de famille."))
    closed = (
        _("Pas de visite les jours fériés.")
        if policy.closed_on_public_holidays
        else _("Les visites ont lieu aussi les jours fériés.")
    )
    return [*said, closed]


def wing_name(code: str) -> str:
    """Return a wing's code in plain words; a code nobody has put into words stands for itself."""
    return str(WINGS.get(code, code))
