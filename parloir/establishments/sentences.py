"""The French words of the codes that establishments, policies and visits share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from parloir.establishments.rules import Channel, OnlineBooking, PenalCategory, PolicyWarning, VisitKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

PENAL_CATEGORIES: Mapping[PenalCategory, StrPromise] = {
    PenalCategory.PREVENU: _("Prévenu"),
    PenalCategory.APPELANT: _("Appelant"),
    PenalCategory.CONDAMNE: _("Condamné"),
    PenalCategory.PREVENU_CONDAMNE: _("Prévenu et condamné"),
}

VISIT_KINDS: Mapping[VisitKind, StrPromise] = {
    VisitKind.ORDINARY: _("Parloir ordinaire"),
    VisitKind.SEPARATED: _("Parloir avec dispositif de séparation"),
    VisitKind.PROLONGED: _("Parloir prolongé"),
    VisitKind.FAMILY_ROOM: _("Salon familial"),
    VisitKind.FAMILY_UNIT: _("Unité de vie familiale"),
}

CHANNELS: Mapping[Channel, StrPromise] = {
    Channel.ONLINE: _("En ligne"),
    Channel.KIOSK: _("Borne"),
    Channel.TELEPHONE: _("Téléphone"),
    Channel.DESK: _("Guichet"),
}

ONLINE_BOOKING: Mapping[OnlineBooking, StrPromise] = {
    OnlineBooking.OPEN: _("Les parloirs peuvent être réservés en ligne."),
    OnlineBooking.SEMI_LIBERTY: _("Les visites d’un centre de semi-liberté ne se réservent pas en ligne."),
    OnlineBooking.EMPTY: _("Cet établissement n’accueille personne actuellement : aucune visite n’y est possible."),
}

KINDS: Mapping[str, StrPromise] = {
    "MA": _("Maison d’arrêt"),
    "CP": _("Centre pénitentiaire"),
    "CD": _("Centre de détention"),
    "MC": _("Maison centrale"),
    "CSL": _("Centre de semi-liberté"),
    "EPM": _("Établissement pénitentiaire pour mineurs"),
}

WINGS: Mapping[str, StrPromise] = {
    "MA/QMA": _("Quartier maison d’arrêt"),
    "CD/QCD": _("Quartier centre de détention"),
    "MC/QMC": _("Quartier maison centrale"),
    "CSL/QSL": _("Quartier de semi-liberté"),
    "SAS": _("Structure d’accompagnement vers la sortie"),
    "EPM": _("Établissement pour mineurs"),
    "CNE": _("Centre national d’évaluation"),
    "EPSN": _("Établissement public de santé national"),
}

POLICY_WARNINGS: Mapping[PolicyWarning, StrPromise] = {
    PolicyWarning.PREVENU_BELOW_LEGAL_FLOOR: _(
        "La loi garantit aux personnes prévenues au moins trois visites par semaine "
        "(code pénitentiaire, article L341-2) : ce maximum est inférieur."
    ),
    PolicyWarning.CONDAMNE_BELOW_LEGAL_FLOOR: _(
        "La loi garantit aux personnes condamnées au moins une visite par semaine "
        "(code pénitentiaire, article L341-3) : ce maximum est inférieur."
    ),
}


def wing_name(code: str) -> str:
    """Return a wing's code in plain words; a code nobody has put into words stands for itself."""
    return str(WINGS.get(code, code))
