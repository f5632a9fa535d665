"""The personas of the demonstration: each shows one case. Their permits are numbered from 2026900101."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from parloir.demo import cast
from parloir.demo.people import KnownPermit, Persona, sub_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PERSONAS", "KnownPermit", "Persona", "known_permits", "persona_of", "sub_of"]


def _(sentence: str) -> str:
    """Mark a sentence for the catalogues: the supervisor says it in French, without Django's settings."""
    return sentence


PERSONAS: tuple[Persona, ...] = (
    Persona(
        key="prete",
        label=_("Prête à réserver : son permis et celui de sa belle-mère sont à enregistrer"),
        civil=cast.CAMILLE,
        gender="female",
        birthplace="21231",
        email="camille.marchand@example.org",
        permits=(
            KnownPermit("2026900101", cast.JULIEN, cast.CAMILLE, "conjoint", _("son propre permis, à enregistrer")),
            KnownPermit(
                "2026900102",
                cast.JULIEN,
                cast.MONIQUE,
                "parent",
                _("le permis d’une autre adulte, à enregistrer : elle en est avertie"),
                holding="adult",
            ),
        ),
    ),
    Persona(
        key="belle-mere",
        label=_("Une autre adulte de la même famille : elle voit qui a enregistré son permis"),
        civil=cast.MONIQUE,
        gender="female",
        birthplace="21054",
        email="monique.roussel@example.org",
        permits=(
            KnownPermit(
                "2026900102",
                cast.JULIEN,
                cast.MONIQUE,
                "parent",
                _("son propre permis, déjà enregistré"),
                registered=True,
            ),
        ),
    ),
    Persona(
        key="avec-enfant",
        label=_("Avec un enfant : son permis et celui de son fils de huit ans sont à enregistrer"),
        civil=cast.NADIA,
        gender="female",
        birthplace="69123",
        email="nadia.bensaid@example.org",
        permits=(
            KnownPermit(
                "2026900201",
                cast.THOMAS,
                replace(cast.NADIA, birth_name="BENSAID"),
                "conjoint",
                _("son propre permis (le registre écrit son nom sans tréma)"),
                issued_by="chef_etablissement",
            ),
            KnownPermit(
                "2026900202",
                cast.THOMAS,
                cast.YANIS,
                "enfant",
                _("le permis de son enfant"),
                holding="child",
                issued_by="chef_etablissement",
            ),
        ),
    ),
    Persona(
        key="deux-freres",
        label=_("Deux fils détenus dans deux prisons : ses deux permis sont déjà enregistrés"),
        civil=cast.MARIE_JOSEPHE,
        gender="female",
        birthplace="97411",
        email="mariejo.hoarau@example.org",
        permits=(
            KnownPermit(
                "2026900301",
                cast.JEAN_BERNARD,
                cast.MARIE_JOSEPHE,
                "parent",
                _("à Marseille, déjà enregistré"),
                issued_by="chef_etablissement",
                registered=True,
            ),
            KnownPermit(
                "2026900302",
                cast.MICKAEL,
                cast.MARIE_JOSEPHE,
                "parent",
                _("à Lyon-Corbas, déjà enregistré"),
                registered=True,
            ),
        ),
    ),
    Persona(
        key="suspendue",
        label=_("Son permis est suspendu : elle le voit, mais ne peut pas réserver"),
        civil=cast.LAURENCE,
        gender="female",
        birthplace="44109",
        email="laurence.chevalier@example.org",
        permits=(
            KnownPermit(
                "2026900401",
                cast.STEPHANE,
                cast.LAURENCE,
                "conjoint",
                _("suspendu pour quelques semaines, déjà enregistré"),
                issued_by="chef_etablissement",
                status="suspended",
                suspended_for_days=45,
                registered=True,
            ),
        ),
    ),
    Persona(
        key="semaine-atteinte",
        label=_("Le nombre de visites de la semaine est atteint pour son frère"),
        civil=cast.AICHA,
        gender="female",
        birthplace="93066",
        email="aicha.diallo@example.org",
        permits=(
            KnownPermit(
                "2026900501",
                cast.IBRAHIMA,
                cast.AICHA,
                "frere_soeur",
                _("à Fleury-Mérogis, déjà enregistré, trois visites prises dans une même semaine"),
                registered=True,
            ),
        ),
    ),
    Persona(
        key="sans-permis",
        label=_("N’a encore aucun permis de visite"),
        civil=cast.HUGO,
        gender="male",
        birthplace="76540",
        email="hugo.lambert@example.org",
    ),
    Persona(
        key="mineur",
        label=_("Un mineur de 17 ans, sans autorisation de venir seul : une page le lui explique"),
        civil=cast.ENZO,
        gender="male",
        birthplace="59350",
        email="enzo.carpentier@example.org",
        permits=(
            KnownPermit(
                "2026900601",
                cast.FRANCK,
                cast.ENZO,
                "enfant",
                _("son propre permis, à enregistrer ; il doit venir avec un adulte"),
                issued_by="procureur_general",
            ),
        ),
    ),
    Persona(
        key="mineure-seule",
        label=_("Une mineure de 16 ans, autorisée à venir seule"),
        civil=cast.MAELYS,
        gender="female",
        birthplace="67482",
        email="maelys.robin@example.org",
        permits=(
            KnownPermit(
                "2026900701",
                cast.LUDOVIC,
                cast.MAELYS,
                "enfant",
                _("son propre permis, à enregistrer ; elle peut venir seule"),
                issued_by="chef_etablissement",
                alone_from_16=True,
            ),
        ),
    ),
    Persona(
        key="nee-a-l-etranger",
        label=_("Née à l’étranger : FranceConnect ne donne pas de lieu de naissance"),
        civil=cast.FATOUMATA,
        gender="female",
        birthplace="",
        birthcountry="99335",
        email="fatoumata.keita@example.org",
        permits=(
            KnownPermit(
                "2026900801",
                cast.MAMADOU,
                replace(cast.FATOUMATA, birth_name="KEITA"),
                "frere_soeur",
                _("son propre permis, à enregistrer"),
                issued_by="procureur",
            ),
        ),
    ),
    Persona(
        key="date-presumee",
        label=_("Date de naissance présumée : seule l’année est connue"),
        civil=cast.LAHCEN,
        gender="male",
        birthplace="",
        birthcountry="99350",
        email="lahcen.amrani@example.org",
        permits=(KnownPermit("2026900901", cast.SAMIR, cast.LAHCEN, "parent", _("son propre permis, à enregistrer")),),
    ),
    Persona(
        key="homonyme-1970",
        label=_("Première de deux homonymes (née en 1970)"),
        civil=cast.ISABELLE_1970,
        gender="female",
        birthplace="35238",
        email="isabelle.petit.1970@example.org",
        permits=(
            KnownPermit(
                "2026901001",
                cast.KEVIN,
                cast.ISABELLE_1970,
                "parent",
                _("son permis ; celui de son homonyme lui est refusé"),
            ),
        ),
    ),
    Persona(
        key="homonyme-1983",
        label=_("Seconde de deux homonymes (née en 1983)"),
        civil=cast.ISABELLE_1983,
        gender="female",
        birthplace="29019",
        email="isabelle.petit.1983@example.org",
        permits=(
            KnownPermit(
                "2026901101",
                cast.YANN,
                cast.ISABELLE_1983,
                "conjoint",
                _("son permis ; celui de son homonyme lui est refusé"),
                issued_by="chef_etablissement",
            ),
        ),
    ),
    Persona(
        key="sans-adresse",
        label=_("Sans adresse électronique : le service en demande une avant de réserver"),
        civil=cast.DENISE,
        gender="female",
        birthplace="59350",
        permits=(
            KnownPermit(
                "2026901201",
                cast.BRUNO,
                cast.DENISE,
                "parent",
                _("déjà enregistré"),
                issued_by="chef_etablissement",
                registered=True,
            ),
        ),
    ),
    Persona(
        key="transfert",
        label=_("Son mari vient d’être transféré ; la nouvelle prison ne peut pas encore être dite"),
        civil=cast.SANDRINE,
        gender="female",
        birthplace="71076",
        email="sandrine.moulin@example.org",
        permits=(
            KnownPermit(
                "2026901301",
                cast.FABRICE,
                cast.SANDRINE,
                "conjoint",
                _("déjà enregistré ; il suit la personne transférée"),
                issued_by="chef_etablissement",
                registered=True,
            ),
        ),
    ),
    Persona(
        key="outre-mer",
        label=_("Une prison d’outre-mer : les heures sont celles de la Martinique"),
        civil=cast.MARLENE,
        gender="female",
        birthplace="97209",
        email="marlene.celestine@example.org",
        permits=(
            KnownPermit(
                "2026901401",
                cast.TEDDY,
                cast.MARLENE,
                "frere_soeur",
                _("à Ducos, déjà enregistré"),
                issued_by="autre_magistrat",
                registered=True,
            ),
        ),
    ),
    Persona(
        key="permis-limite",
        label=_("Un permis limité : deux visites, le samedi et le dimanche seulement"),
        civil=cast.BASTIEN,
        gender="male",
        birthplace="62041",
        email="bastien.leclercq@example.org",
        permits=(
            KnownPermit(
                "2026901501",
                cast.CEDRIC,
                cast.BASTIEN,
                "frere_soeur",
                _("déjà enregistré"),
                issued_by="chef_etablissement",
                visits_allowed=2,
                weekdays=(6, 7),
                registered=True,
            ),
        ),
    ),
    Persona(
        key="tutoriels",
        label=_("Celle des tutoriels : son permis et celui de son enfant sont à enregistrer"),
        civil=cast.DOMINIQUE,
        gender="female",
        birthplace="69123",
        email="dominique.exemple@example.org",
        permits=(
            KnownPermit(
                "2026901601",
                cast.CLAUDE,
                cast.DOMINIQUE,
                "conjoint",
                _("son propre permis, à enregistrer"),
                issued_by="chef_etablissement",
            ),
            KnownPermit(
                "2026901602",
                cast.CLAUDE,
                cast.LOU,
                "enfant",
                _("le permis de son enfant"),
                holding="child",
                issued_by="chef_etablissement",
            ),
        ),
    ),
)


def persona_of(key: str) -> Persona:
    """Return one persona.

    :raises KeyError: when no persona has that key.
    """
    for persona in PERSONAS:
        if persona.key == key:
            return persona
    raise KeyError(key)


def known_permits() -> Iterator[KnownPermit]:
    """Yield each permit of the cast once, in the order of the personas."""
    seen = set()
    for persona in PERSONAS:
        for permit in persona.permits:
            if permit.number not in seen:
                seen.add(permit.number)
                yield permit
