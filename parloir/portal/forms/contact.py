"""The form of a person's address."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parloir.notifications.addresses import can_be_written_to


class EmailForm(forms.Form):
    """Where to write to."""

    courriel = forms.EmailField(
        label=gettext_lazy("Votre adresse e-mail"),
        help_text=gettext_lazy("Exemple : prenom.nom@exemple.fr"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", "autocapitalize": "none"}),
        error_messages={
            "required": gettext_lazy("Écrivez votre adresse e-mail."),
            "invalid": gettext_lazy("Écrivez une adresse complète, par exemple prenom.nom@exemple.fr."),
        },
    )

    def clean_courriel(self) -> str:
        """Refuse what is no mailbox of the public network, or holds signs that nobody sees.

        :raises ValidationError: then.
        """
        address: str = self.cleaned_data["courriel"]
        if not can_be_written_to(address):
            raise ValidationError(_("Cette adresse ne peut pas être utilisée. Écrivez-la à la main, sans la copier."))
        return address
