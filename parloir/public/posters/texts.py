"""What the papers say: the ministry's leaflet again, to families, and to detained people for their families."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from parloir.establishments.finding import Prison


class Readers(StrEnum):
    """Who reads them; values are their addresses."""

    FAMILIES = "familles"
    DETAINEES = "detenus"


READERS = {
    Readers.FAMILIES: gettext_lazy("Pour les familles"),
    Readers.DETAINEES: gettext_lazy("Pour les personnes détenues : « pour vos proches »"),
}
_STEPS = ("key", "permit", "calendar", "family", "mail", "cancel")


def pictures() -> tuple[str, ...]:
    """Return the names of the pictograms that papers show."""
    return (*_STEPS, "phone", "kiosk", "letter")


def steps(readers: Readers) -> list[dict[str, str]]:
    """Return how one books, step by step, with the pictogram of each; detained people read what their family does."""
    said = _steps_of_families() if readers == Readers.FAMILIES else _steps_of_their_families()
    return [
        {"picture": picture, "title": title, "text": text} for picture, (title, text) in zip(_STEPS, said, strict=True)
    ]


def _steps_of_families() -> tuple[tuple[str, str], ...]:
    return (
        (_("Connectez-vous"), _("Avec FranceConnect et un compte que vous avez déjà.")),
        (_("Enregistrez les permis de visite"), _("Le vôtre et ceux de vos proches, une seule fois.")),
        (_("Choisissez un jour et une heure"), _("Si un jour est complet, essayez-en un autre.")),
        (_("Dites qui vient"), _("Chacun doit avoir son permis enregistré, enfants compris.")),
        (_("Recevez la confirmation"), _("Par e-mail, tout de suite. Des rappels par SMS si vous les demandez.")),
        (_("Modifiez ou annulez"), _("En ligne, si vous ne pouvez pas venir.")),
    )


def _steps_of_their_families() -> tuple[tuple[str, str], ...]:
    return (
        (_("Ils se connectent"), _("Avec FranceConnect et un compte qu’ils ont déjà.")),
        (_("Ils enregistrent les permis de visite"), _("Le leur et celui de chaque visiteur, une seule fois.")),
        (_("Ils choisissent un jour et une heure"), _("Si un jour est complet, ils en essaient un autre.")),
        (_("Ils disent qui vient"), _("Chaque visiteur doit avoir son permis enregistré, enfants compris.")),
        (_("Ils reçoivent la confirmation"), _("Par e-mail, tout de suite. Des rappels par SMS s’ils les demandent.")),
        (_("Ils modifient ou annulent"), _("En ligne, s’ils ne peuvent pas venir.")),
    )


def for_readers(readers: Readers, *, prison: Prison | None) -> dict[str, object]:
    """Return the sentences that depend on who reads."""
    ours = _for_families() if readers == Readers.FAMILIES else _for_detainees()
    return {
        **ours,
        "always": _("24 h/24, 7 j/7"),
        "devices": _("Sur téléphone, tablette ou ordinateur. C’est gratuit."),
        "otherwise_is": _("Réserver autrement"),
        "otherwise": _otherwise(prison),
        "call": _("Par téléphone"),
        "not_here_is": _("Ce qui ne se réserve pas en ligne"),
        "not_here": _(
            "Le parloir avec vitre (hygiaphone), le parloir prolongé, le parloir familial (salon) et l’UVF "
            "se demandent au service parloir."
        ),
        "help_is": _("Besoin d’aide ?"),
        "help": [
            _("Les réponses à vos questions, dans la foire aux questions (FAQ)"),
            _("4 tutoriels vidéo, étape par étape"),
            _("Les informations pratiques de chaque établissement"),
        ],
        "not_a_proof": _("La notification de rendez-vous parloir n’est pas un justificatif !"),
    }


def _for_families() -> dict[str, str]:
    return {
        "title": _("La prise de rendez-vous parloir se simplifie !"),
        "promise": _("Réservez désormais vos rendez-vous parloir en ligne, depuis chez vous"),
        "find_us": _("Retrouvez-nous sur"),
        "how_is": _("Comment faire"),
        "before": _("Gardez sous la main votre permis de visite : son numéro est écrit dessus."),
        "access": _("La prise de rendez-vous est accessible une fois connecté et le permis enregistré."),
        "accounts": _("Avec FranceConnect, un de ces comptes suffit : %(accounts)s.") % {"accounts": _accounts()},
        "help_at": _("Sur le site, vous trouvez :"),
    }


def _for_detainees() -> dict[str, str]:
    return {
        "title": _("La prise de rendez-vous parloir se simplifie pour vos proches !"),
        "promise": _("Ils peuvent dès à présent réserver leurs rendez-vous en ligne, depuis chez eux"),
        "find_us": _("Vos proches se connectent sur"),
        "how_is": _("Ce que vos proches ont à faire"),
        "before": _("Donnez-leur cette adresse. Ils auront besoin du numéro écrit sur leur permis de visite."),
        "access": _("La prise de rendez-vous est accessible une fois vos proches connectés et leur permis enregistré."),
        "accounts": _("Avec FranceConnect, un de ces comptes leur suffit : %(accounts)s.") % {"accounts": _accounts()},
        "help_at": _("Sur le site, vos proches trouvent :"),
    }


def _accounts() -> str:
    """Name every account that FranceConnect takes."""
    return _(
        "impots.gouv.fr, l’Assurance Maladie (Ameli), L’Identité Numérique La Poste, la MSA, YRIS, France Identité, "
        "TrustMe"
    )


def _otherwise(prison: Prison | None) -> str:
    if prison and prison.phone:
        return _("Les mêmes places se réservent aussi par téléphone, par écrit et, s’il y en a une, à la borne.")
    return _(
        "Les mêmes places se réservent aussi par téléphone, par écrit et, selon les établissements, à la borne. Les "
        "numéros sont sur le site."
    )
