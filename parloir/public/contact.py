"""Whom to ask, by subject: the office of the right prison with its telephone and address, or who answers for this site.

There is no form to send a message: no source gives a prison's electronic address, and a message that nobody reads
would be worse than none (docs/decisions/0020).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext_lazy as _

from parloir.content.queries import leaves_named
from parloir.establishments.finding import find
from parloir.public.search import cleaned, known_prisons, prison_named

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_SHOWN = 12


@dataclass(frozen=True)
class Subject:
    """Something that people write about: who knows, what to say to them, and what is already answered.

    ``office`` is whom to ask for in the prison, ``envelope`` the same on a letter, which is in French whatever the
    page's language; both are empty when the prison has nothing to do with it.
    """

    code: str
    title: StrPromise
    office: StrPromise | str
    envelope: str
    advice: StrPromise
    answers: tuple[str, ...]


_VISITS = (_("le service parloir"), "Service parloir")
SUBJECTS = (
    Subject(
        "rendez-vous",
        _("Prendre, changer ou annuler un rendez-vous"),
        *_VISITS,
        _("Préparez le numéro du permis et plusieurs dates possibles."),
        ("plus-de-creneau", "reserver-par-telephone", "annuler-un-rendez-vous"),
    ),
    Subject(
        "permis",
        _("Un permis de visite"),
        *_VISITS,
        _("Préparez le numéro du permis, ou la date de votre demande. C’est une autre autorité qui décide parfois."),
        ("a-qui-ecrire", "delai-de-reponse", "permis-non-reconnu"),
    ),
    Subject(
        "visite-particuliere",
        _("Une visite avec vitre, prolongée, au parloir familial ou en UVF"),
        *_VISITS,
        _("Ces visites se demandent à l’établissement, le plus souvent par écrit."),
        ("visites-particulieres", "parloir-prolonge", "uvf"),
    ),
    Subject(
        "sur-place",
        _("Venir sur place : enfants, linge, objets, handicap"),
        _("l’accueil des familles"),
        "Accueil des familles",
        _("Dites le jour de votre visite et ce dont vous avez besoin."),
        ("quoi-apporter", "linge", "cabine-accessible"),
    ),
    Subject(
        "situation",
        _("La situation de mon proche : transfert, santé, sortie"),
        _("le greffe (le bureau des dossiers)"),
        "Greffe",
        _("Il peut ne pas répondre par téléphone : il doit d’abord savoir qui vous êtes. Écrivez si besoin."),
        ("si-la-situation-change", "ou-est-mon-proche", "a-qui-m-adresser"),
    ),
    Subject(
        "site",
        _("Ce site ne marche pas comme prévu"),
        "",
        "",
        _("Notez la page, l’heure et ce que vous faisiez. N’envoyez jamais votre mot de passe FranceConnect."),
        ("franceconnect-ne-marche-pas", "permis-non-reconnu", "aide-internet"),
    ),
    Subject(
        "donnees",
        _("Mes données personnelles"),
        "",
        "",
        _("Dans votre espace, vous pouvez déjà tout voir, tout télécharger et tout effacer."),
        ("donnees-personnelles", "supprimer-mon-compte", "permis-enregistre-par-un-autre"),
    ),
    Subject(
        "accessibilite",
        _("Un défaut d’accessibilité de ce site"),
        "",
        "",
        _("Dites quelle page, avec quel outil, et ce qui vous bloque. Une réponse est due sous une semaine."),
        ("accessibilite-du-portail", "sans-telephoner", "aide-internet"),
    ),
)
_BY_CODE = {subject.code: subject for subject in SUBJECTS}


def subjects() -> dict[str, object]:
    """Return what the first page of contact offers: what the prison knows, then what concerns this site."""
    return {
        "of_a_prison": [subject for subject in SUBJECTS if subject.office],
        "of_the_site": [subject for subject in SUBJECTS if not subject.office],
    }


def contact_page(code: str, *, query: str, language: str) -> dict[str, object]:
    """Return whom to ask about a subject; the prisons that a query means, when it is theirs to answer.

    :raises ObjectDoesNotExist: when there is no such subject.
    """
    subject = _subject(code)
    asked = cleaned(query) if subject.office else ""
    return {
        "subject": subject,
        "answers": leaves_named(subject.answers, language),
        "asked": asked,
        "found": find(asked, known_prisons())[:MOST_SHOWN] if asked else [],
    }


def contact_of_prison(code: str, slug: str, *, language: str) -> dict[str, object]:
    """Return how to reach the right office of one prison.

    :raises ObjectDoesNotExist: when there is no such subject or prison, or when the prison does not answer for it.
    """
    subject, prison = _subject(code), prison_named(slug)
    if not subject.office:
        raise ObjectDoesNotExist(code)
    return {"subject": subject, "prison": prison, "answers": leaves_named(subject.answers, language)}


def _subject(code: str) -> Subject:
    if code not in _BY_CODE:
        raise ObjectDoesNotExist(code)
    return _BY_CODE[code]
