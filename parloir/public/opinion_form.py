"""The form in which anybody says what they think of the site."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.content.rules import LONGEST_OPINION, Ease
from parloir.foundation.forms import Described, DescribedChoiceField

LONGEST_PAGE = 60
_EASE = {"facile": Ease.EASY, "plutot": Ease.FAIR, "difficile": Ease.HARD, "rate": Ease.FAILED}


def _answers() -> list[tuple[str, Described]]:
    return [
        ("facile", Described(_("Facile"))),
        ("plutot", Described(_("Plutôt facile"))),
        ("difficile", Described(_("Difficile"))),
        ("rate", Described(_("Je n’ai pas réussi"))),
    ]


class OpinionForm(forms.Form):
    """How easy it was, and a few words; ``page`` is the name of the page they came from."""

    facilite = DescribedChoiceField(
        label=gettext_lazy("Était-ce facile ?"),
        choices=_answers,
        error_messages={"required": gettext_lazy("Dites si c’était facile.")},
    )
    texte = forms.CharField(
        label=gettext_lazy("Que pouvons-nous améliorer ?"),
        help_text=gettext_lazy(
            "N’écrivez aucun nom, aucun numéro, aucune adresse : ni les vôtres, ni ceux de votre proche."
        ),
        max_length=LONGEST_OPINION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": LONGEST_OPINION, "autocomplete": "off"}),
    )
    page = forms.RegexField(r"^[a-z_]+:[a-z_-]+$", max_length=LONGEST_PAGE, required=False, widget=forms.HiddenInput)

    def ease(self) -> Ease:
        """Return how easy it was found."""
        return _EASE[self.cleaned_data["facilite"]]
