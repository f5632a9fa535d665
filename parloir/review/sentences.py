"""The words of review, for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from parloir.review.rules import Cause, Told

if TYPE_CHECKING:
    from django.utils.functional import Promise

CAUSES: dict[Cause, Promise] = {
    Cause.HOSPITAL: gettext_lazy("La personne détenue est hospitalisée."),
    Cause.DISCIPLINARY: gettext_lazy("Cellule disciplinaire : visite au-delà d’une par semaine."),
    Cause.RESTRICTED: gettext_lazy("Une interdiction est en cours."),
    Cause.CATEGORY_CHANGED: gettext_lazy("La catégorie pénale a changé : vérifiez les permis."),
    Cause.PERMIT_DISAGREES: gettext_lazy(
        "Un permis a été retiré ou suspendu sous un autre numéro d’écrou ou un autre visiteur : vérifiez-le."
    ),
    Cause.NOBODY_TOLD: gettext_lazy("La famille n’a pas pu être prévenue : appelez-la."),
    Cause.RECONCILIATION: gettext_lazy(
        "Une personne dit avoir eu un autre espace : vérifiez son identité avant de rien transmettre."
    ),
    Cause.OVERBOOKED: gettext_lazy("Plus de visites que de places ont été gardées."),
}

WHAT_WAS_TOLD: dict[Told, Promise] = {
    Told.NOTHING: gettext_lazy("La famille n’a pas reçu de message."),
    Told.TO_BE_CONFIRMED: gettext_lazy("La famille sait que le rendez-vous est à confirmer."),
    Told.CANCELLED: gettext_lazy("La famille sait que le rendez-vous est annulé."),
    Told.PERMIT_MAY_CHANGE: gettext_lazy("La famille sait que le permis peut être à redemander."),
    Told.PERMIT_STOPPED: gettext_lazy("La famille sait que le permis est retiré ou suspendu."),
}
