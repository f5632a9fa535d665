"""The whole way in and out, the product and the look-alike each in a process of its own."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx

from parloir.people.models import SignIn
from tests.look_alike import CSRF_TOKEN, first


def choose(browser, address, choice):
    """Send the look-alike's form, and follow every redirection it leads to."""
    page = browser.get(address)
    form = {"csrfmiddlewaretoken": first(CSRF_TOKEN, page.text), **choice}
    return browser.post(str(page.url), data=form, headers={"Referer": str(page.url)})


def test_somebody_signs_in_and_out_between_two_sites(live):
    with httpx.Client(follow_redirects=True, trust_env=False) as browser:
        accounts = browser.get(f"{live}/espace/rendez-vous/")
        assert str(accounts.url) == f"{live}/connexion/?suite=%2Fespace%2Frendez-vous%2F"
        start = urljoin(live, first(r'href="(/connexion/franceconnect/[^"]+)"', accounts.text))
        choice = browser.get(start)
        personas = urljoin(str(choice.url), first(r'href="([^"]+/impots/)"', choice.text))

        space = choose(browser, personas, {"personne": "prete"})

        assert str(space.url) == f"{live}/espace/rendez-vous/"
        assert "Camille FONTAINE" in space.text

        signed_out = choose(browser, f"{live}/deconnexion/", {})

        assert str(signed_out.url).startswith(f"{live}/deconnexion/retour/?state=")
        assert SignIn.objects.get().revoked_at is not None
        assert "Choisissez un compte" in browser.get(start).text
