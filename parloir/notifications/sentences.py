"""What a person reads of the countries that a telephone number can be of."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

COUNTRIES = {
    "FR": _("France métropolitaine"),
    "GP": _("Guadeloupe"),
    "MQ": _("Martinique"),
    "GF": _("Guyane"),
    "RE": _("La Réunion"),
    "YT": _("Mayotte"),
    "PM": _("Saint-Pierre-et-Miquelon"),
    "NC": _("Nouvelle-Calédonie"),
    "PF": _("Polynésie française"),
    "WF": _("Wallis-et-Futuna"),
}
"""Every country of :data:`~parloir.notifications.numbers.FRENCH`."""
