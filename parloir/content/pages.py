"""Which question fits which page: what people most often ask there. No Django model, no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class PageHelp:
    """A question and where it is answered."""

    title: StrPromise
    address: str


_BOOK = PageHelp(gettext_lazy("Comment se passe une réservation ?"), "/aide/visites/prendre-rendez-vous/")
_OPENS = PageHelp(gettext_lazy("Quand peut-on réserver ?"), "/aide/visites/quand-ouvrent-les-creneaux/")
_NUMBER = PageHelp(gettext_lazy("Où trouver le numéro du permis ?"), "/aide/permis/numero-de-permis/")
_WHOM = PageHelp(gettext_lazy("À qui demander un permis ?"), "/aide/permis/a-qui-ecrire/")
_WAIT = PageHelp(gettext_lazy("Comment fonctionne la liste d’attente ?"), "/aide/visites/liste-d-attente/")
_DAY = PageHelp(gettext_lazy("Que faut-il apporter le jour venu ?"), "/aide/visites/que-faut-il-apporter/")
_CANCEL = PageHelp(gettext_lazy("Que se passe-t-il si j’annule ?"), "/aide/visites/annuler-un-rendez-vous/")
_CHANGE = PageHelp(gettext_lazy("Jusqu’à quand peut-on changer ?"), "/aide/visites/modifier-un-rendez-vous/")
_COMING = PageHelp(gettext_lazy("Qui peut venir ?"), "/aide/visites/qui-peut-venir/")
_NONE = PageHelp(gettext_lazy("Que faire quand tout est complet ?"), "/aide/visites/plus-de-creneau/")
_SMS = PageHelp(gettext_lazy("Comment recevoir des rappels ?"), "/aide/portail/rappels-sms/")
_MAIL = PageHelp(gettext_lazy("Je n’ai pas reçu l’e-mail : que faire ?"), "/aide/portail/mail-de-confirmation/")
_DATA = PageHelp(gettext_lazy("Que devient ce que je donne ?"), "/aide/portail/donnees-personnelles/")
_ERASE = PageHelp(gettext_lazy("Comment effacer mon espace ?"), "/aide/portail/supprimer-mon-compte/")
_SIGN_IN = PageHelp(gettext_lazy("FranceConnect : quel compte utiliser ?"), "/aide/portail/franceconnect-quel-compte/")
_FIND = PageHelp(gettext_lazy("Où se trouve mon proche ?"), "/aide/etablissements/ou-est-mon-proche/")
_ASK = PageHelp(gettext_lazy("À qui poser une question ?"), "/aide/etablissements/a-qui-m-adresser/")
_FIRST = PageHelp(gettext_lazy("La première visite, pas à pas"), "/aide/guides/premiere-visite-pas-a-pas/")

_BY_PAGE = {
    "public:home": _FIRST,
    "public:establishments": _FIND,
    "public:sheet": _DAY,
    "public:map": _FIND,
    "public:map-around": _FIND,
    "public:permit-guide": _WHOM,
    "public:personal-data": _DATA,
    "identity:sign_in": _SIGN_IN,
    "portal:home": _FIRST,
    "portal:permits": _NUMBER,
    "portal:permit": _NUMBER,
    "portal:permit_add": _NUMBER,
    "portal:permit_help": _NUMBER,
    "portal:visits": _CANCEL,
    "portal:visit": _DAY,
    "portal:visit_new": _BOOK,
    "portal:visit_slot": _OPENS,
    "portal:visit_trip": _OPENS,
    "portal:visit_people": _COMING,
    "portal:visit_check": _BOOK,
    "portal:visit_cancel": _CANCEL,
    "portal:visit_change": _CHANGE,
    "portal:visit_change_people": _CHANGE,
    "portal:visit_withdraw": _COMING,
    "portal:visit_leave": _CANCEL,
    "portal:why_not": _NONE,
    "portal:waits": _WAIT,
    "portal:offer": _WAIT,
    "portal:wait_join": _WAIT,
    "portal:wait_leave": _WAIT,
    "portal:wait_opening": _OPENS,
    "portal:email": _MAIL,
    "portal:preferences": _SMS,
    "portal:telephone": _SMS,
    "portal:telephone_code": _SMS,
    "portal:my_data": _DATA,
    "portal:my_data_erase": _ERASE,
}


def help_for(page: str) -> PageHelp:
    """Return the question that fits a page, named as its address is; whom to ask, for one without its own."""
    return _BY_PAGE.get(page, _ASK)


def pages_with_help() -> dict[str, PageHelp]:
    """Return every page that has its own question."""
    return dict(_BY_PAGE)
