"""The form of a person's address."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy


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
