"""The forms of a permit: register it, and ask for help when that does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.establishments.queries import establishment_choices
from parloir.foundation.forms import BirthDateField, Described, DescribedChoiceField
from parloir.permits.claims import Holder, PermitClaim, typed_first_names
from parloir.permits.rules import Holding

if TYPE_CHECKING:
    from datetime import date

    from django_stubs_ext import StrOrPromise

    from parloir.establishments.models import Establishment

LONGEST = 100

HOLDINGS = {"moi": Holding.OWN, "enfant": Holding.CHILD, "adulte": Holding.ADULT}
_HOLDER = ("nom_naissance", "prenom", "date_naissance")


def _for_whom() -> list[tuple[str, Described]]:
    return [
        ("moi", Described(_("Moi"), _("Le permis est à mon nom."), pictogram="person")),
        ("enfant", Described(_("Mon enfant"), _("Il a moins de 18 ans."), pictogram="child")),
        (
            "adulte",
            Described(
                _("Un autre adulte"),
                _("S’il utilise aussi ce service, il saura que vous avez enregistré son permis."),
                pictogram="adult",
            ),
        ),
    ]


def _name_field(label: StrOrPromise, help_text: StrOrPromise, missing: StrOrPromise) -> forms.CharField:
    # The name of another person than the one at the keyboard: nothing for the browser to fill in.
    attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "words"}
    field = forms.CharField(label=label, help_text=help_text, max_length=LONGEST, required=False)
    field.widget = forms.TextInput(attrs={**attrs, "maxlength": LONGEST})
    field.error_messages["required"] = missing
    return field


class PrisonField(forms.ChoiceField):
    """A prison among all those that receive visits, by town."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Établissement"),
            help_text=gettext_lazy("Celui de vos visites. En cas de difficulté, nous vous dirons comment le joindre."),
            error_messages={"required": gettext_lazy("Choisissez un établissement dans la liste.")},
            choices=lambda: [("", _("Choisissez un établissement")), *establishment_choices()],
        )


class PermitForm(forms.Form):
    """Which permit, and whose; only the shape of what is typed is judged here."""

    mark_optional = False
    etablissement = PrisonField()
    pour = DescribedChoiceField(
        label=gettext_lazy("À qui est ce permis ?"),
        choices=_for_whom,
        initial="moi",
        error_messages={"required": gettext_lazy("Dites à qui est ce permis.")},
    )
    numero = forms.CharField(
        label=gettext_lazy("Numéro du permis de visite"),
        help_text=gettext_lazy("Il est écrit sur le permis que vous avez reçu. Exemple : 2026001234"),
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
        error_messages={"required": gettext_lazy("Recopiez le numéro écrit sur le permis.")},
    )
    nom_naissance = _name_field(
        gettext_lazy("Son nom de naissance"),
        gettext_lazy("Comme sur le permis."),
        gettext_lazy("Écrivez le nom de naissance de cette personne."),
    )
    prenom = _name_field(
        gettext_lazy("Son premier prénom"),
        gettext_lazy("Comme sur le permis."),
        gettext_lazy("Écrivez le premier prénom de cette personne."),
    )
    date_naissance = BirthDateField(label=gettext_lazy("Sa date de naissance"), own=False, required=False)
    autorite_parentale = forms.BooleanField(
        label=gettext_lazy("Je suis titulaire de l’autorité parentale"), required=False
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date_naissance"].latest = today  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the holder's civil status when it is not the person's own, and only then."""
        cleaned = self.cleaned_data
        holding = HOLDINGS.get(cleaned.get("pour", ""))
        for name in _HOLDER:
            if holding is Holding.OWN:
                self.errors.pop(name, None)
            elif holding and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, self._missing(name))
        if holding is Holding.CHILD and not cleaned.get("autorite_parentale"):
            self.add_error(
                "autorite_parentale", _("Cochez cette case : elle est nécessaire pour le permis d’un enfant.")
            )
        return cleaned

    def clean_numero(self) -> str:
        """Keep what was typed; what holds no letter and no digit is no number.

        :raises ValidationError: before anything is looked for: it is no failed attempt.
        """
        typed: str = self.cleaned_data["numero"]
        if not any(char.isalnum() for char in typed):
            raise ValidationError(str(self.fields["numero"].error_messages["required"]))
        return typed

    def claim(self, prison: Establishment) -> PermitClaim:
        """Return what a valid form says."""
        cleaned = self.cleaned_data
        holding = HOLDINGS[cleaned["pour"]]
        holder = None
        if holding is not Holding.OWN:
            holder = Holder(
                birth_name=cleaned["nom_naissance"],
                first_names=typed_first_names(cleaned["prenom"]),
                birth_date=cleaned["date_naissance"].isoformat(),
            )
        return PermitClaim(
            establishment_id=prison.pk, zone=prison.zone, number=cleaned["numero"], holding=holding, holder=holder
        )

    def _missing(self, name: str) -> str:
        if name == "date_naissance":
            return _("Indiquez la date de naissance : le jour, le mois et l’année.")
        return str(self.fields[name].error_messages["required"])


class HelpForm(forms.Form):
    """Which prison could help."""

    mark_optional = False
    etablissement = PrisonField()
