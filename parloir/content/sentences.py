"""The titles of the tree of questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from parloir.content.rules import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

SECTIONS: Mapping[Section, StrPromise] = {
    Section.ESTABLISHMENTS: _("Les établissements pénitentiaires"),
    Section.PERMITS: _("Les permis de visite"),
    Section.VISITS: _("Les visites parloir"),
    Section.PORTAL: _("Ce site"),
    Section.GUIDES: _("Les guides pratiques"),
}

CHAPTERS: Mapping[tuple[Section, str], StrPromise] = {
    (Section.ESTABLISHMENTS, "A"): _("Les types de structures pénitentiaires en France"),
    (Section.ESTABLISHMENTS, "B"): _("Les maisons d’arrêt"),
    (Section.ESTABLISHMENTS, "C"): _("Les établissements pour peine"),
    (Section.ESTABLISHMENTS, "D"): _("La carte des structures pénitentiaires"),
    (Section.ESTABLISHMENTS, "E"): _("Plus d’informations sur la détention"),
    (Section.PERMITS, "A"): _("Demander un permis"),
    (Section.PERMITS, "B"): _("Enregistrer son permis sur ce site"),
    (Section.PERMITS, "C"): _("Quand le permis change"),
    (Section.VISITS, "A"): _("Prendre rendez-vous"),
    (Section.VISITS, "B"): _("Qui peut venir"),
    (Section.VISITS, "C"): _("Changer, annuler, prouver"),
    (Section.VISITS, "D"): _("Le jour de la visite"),
    (Section.VISITS, "E"): _("Les autres visites"),
    (Section.PORTAL, "A"): _("Se connecter"),
    (Section.PORTAL, "B"): _("Les messages"),
    (Section.PORTAL, "C"): _("Votre vie privée"),
    (Section.PORTAL, "D"): _("Utiliser ce site"),
    (Section.GUIDES, "A"): _("Pas à pas"),
}
