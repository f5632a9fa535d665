"""The guide for those who have no permit yet: three questions, and whom to write to. Nothing is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.establishments.queries import establishment_by_slug, establishment_choices
from parloir.foundation.forms import Described, DescribedChoiceField
from parloir.permits.procedure import FORM, ForWhom, Situation, guidance
from parloir.permits.sentences import told

if TYPE_CHECKING:
    from django.http import QueryDict

_SITUATIONS = {
    "instruction": Situation.UNDER_INVESTIGATION,
    "attente": Situation.AWAITING_TRIAL,
    "dix-jours": Situation.APPEAL_DELAY,
    "appel": Situation.APPELLANT,
    "condamne": Situation.CONVICTED,
    "hopital": Situation.IN_HOSPITAL,
    "inconnue": None,
}
_FOR_WHOM = {"moi": ForWhom.ONESELF, "enfant": ForWhom.CHILD, "famille": ForWhom.FAMILY}


def _situations() -> list[tuple[str, Described]]:
    return [
        ("instruction", Described(_("Elle attend son procès"), _("Un juge d’instruction s’occupe de l’affaire."))),
        (
            "attente",
            Described(
                _("Elle attend son procès, sans juge d’instruction"),
                _("Il n’y en a pas eu, ou il a fini son travail. Par exemple après une comparution immédiate."),
            ),
        ),
        (
            "dix-jours",
            Described(_("Elle vient d’être condamnée"), _("Depuis moins de 10 jours : elle peut encore faire appel.")),
        ),
        (
            "appel",
            Described(
                _("Elle a fait appel"), _("Ou bien elle est renvoyée devant les assises, ou attend une extradition.")
            ),
        ),
        ("condamne", Described(_("Elle est condamnée"), _("Son jugement est définitif : aucun appel n’est en cours."))),
        ("hopital", Described(_("Elle est condamnée et hospitalisée"), _("Dans un hôpital, hors de la prison."))),
        ("inconnue", Described(_("Je ne sais pas"), _("Ce n’est pas grave : nous vous disons à qui le demander."))),
    ]


def _for_whom() -> list[tuple[str, Described]]:
    return [
        ("moi", Described(_("Moi"), pictogram="person")),
        ("enfant", Described(_("Mon enfant"), _("Il a moins de 18 ans."), pictogram="child")),
        ("famille", Described(_("Moi et mes enfants, ou plusieurs personnes"), pictogram="family")),
    ]


class GuideForm(forms.Form):
    """The three questions; the prison may stay unknown."""

    situation = DescribedChoiceField(label=gettext_lazy("Où en est la personne détenue ?"), choices=_situations)
    pour = DescribedChoiceField(label=gettext_lazy("Pour qui est le permis ?"), choices=_for_whom)
    etablissement = forms.ChoiceField(
        label=gettext_lazy("Dans quel établissement est-elle ?"),
        help_text=gettext_lazy("Si vous ne le savez pas, laissez ce choix vide."),
        choices=lambda: [("", _("Je ne sais pas")), *establishment_choices()],
        required=False,
    )


def guide_context(given: QueryDict) -> dict[str, Any]:
    """Return the three questions and, once they are answered, whom to write to and what to send."""
    asked = any(name in given for name in GuideForm.base_fields)
    form = GuideForm(given if asked else None)
    if not asked or not form.is_valid():
        return {"form": form}
    answer = guidance(_SITUATIONS[form.cleaned_data["situation"]], _FOR_WHOM[form.cleaned_data["pour"]])
    prison = establishment_by_slug(form.cleaned_data["etablissement"]) if form.cleaned_data["etablissement"] else None
    return {
        "form": form,
        "answer": answer,
        "told": told(answer),
        "number": FORM if answer.goes_to_prison else "",
        "prison": prison,
    }
