"""A form sent once its session had ended is found filled in again after signing in, by the same person alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from parloir.people.models import SignIn
from parloir.permits.models import Attempt
from tests.factories import AccountFactory
from tests.look_alike import CSRF_TOKEN, first
from tests.portal.booking import choose, new
from tests.serving import session_cookie
from tests.signed_in import signed_in

pytestmark = pytest.mark.django_db

ADD = "/espace/permis/ajouter/"
TYPED = {
    "etablissement": "",
    "pour": "enfant",
    "numero": "2026000042",
    "nom_naissance": "LEFÈVRE",
    "prenom": "Noé",
    "date_naissance_jour": "3",
    "date_naissance_mois": "juin",
    "date_naissance_annee": "2018",
    "autorite_parentale": "on",
}
BACK = "Ce que vous aviez écrit est de nouveau là"


def end_sessions():
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))


def sent_too_late(family, address, typed):
    """Send a form after the session ended, then sign in again in the same browser; return what was answered."""
    end_sessions()
    answer = family.browser.post(address, typed, headers={"referer": f"http://testserver{address}"})
    family.browser.cookies.load({name: m.value for name, m in signed_in(family.account).cookies.items()})
    return answer.content.decode()


def page(family, address):
    return re.sub(r"\s+", " ", family.browser.get(address).content.decode())


def tag(html, name, value=""):
    """Return the tag of a control."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*{f'value="{value}"' if value else ""}[^>]*>', html)
    return found[0] if found else ""


def test_a_permit_s_form_is_filled_in_again_whatever_was_wrong_in_it(family):
    said = sent_too_late(family, ADD, TYPED)

    again = page(family, ADD)

    assert "avec ce que vous aviez écrit" in said
    assert BACK in again
    for name in ("numero", "nom_naissance", "prenom", "date_naissance_mois", "date_naissance_annee"):
        assert f'value="{TYPED[name]}"' in tag(again, name)
    assert "checked" in tag(again, "pour", "enfant")
    assert "checked" in tag(again, "autorite_parentale")
    assert "À corriger" not in again
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "typed", "shown"),
    [
        ("/espace/courriel/", {"courriel": "nouvelle@exemple.fr"}, 'value="nouvelle@exemple.fr"'),
        ("/espace/preferences/telephone/", {"telephone": "06 12 34 56 78"}, 'value="06 12 34 56 78"'),
        ("/espace/preferences/", {"langue": "ar"}, '<option value="ar" selected>'),
    ],
)
def test_the_other_forms_of_the_space_too(family, address, typed, shown):
    sent_too_late(family, address, typed)

    assert shown in page(family, address)


def test_a_box_that_was_unticked_stays_unticked(family):
    assert "checked" in tag(page(family, "/espace/preferences/"), "rappel_courriel")

    sent_too_late(family, "/espace/preferences/", {"langue": "fr"})

    assert "checked" not in tag(page(family, "/espace/preferences/"), "rappel_courriel")


def test_who_comes_and_what_is_waited_for_is_ticked_again(family):
    child = family.add()
    choose(family)
    sent_too_late(family, new(family, "qui-vient/"), {"permis": [child.pk]})
    people = page(family, new(family, "qui-vient/"))
    wait = f"/espace/attente/rejoindre/{family.detainee.pk}/"
    sent_too_late(family, wait, {"permis": [child.pk], "moments": ["matin"], "du": "2027-01-02", "delai": "72"})
    waiting = page(family, wait)

    ticked = [
        ("checked" in tag(html, "permis", pk)) for html in (people, waiting) for pk in (family.permit.pk, child.pk)
    ]
    assert ticked == [False, True, False, True]
    assert 'value="2027-01-02"' in tag(waiting, "du")
    assert ("checked" in tag(waiting, "moments", "matin"), "checked" in tag(waiting, "moments", "apres-midi")) == (
        True,
        False,
    )


def test_nobody_else_on_the_same_device_reads_it(family):
    sent_too_late(family, ADD, TYPED)
    family.browser.cookies.load({name: m.value for name, m in signed_in(AccountFactory()).cookies.items()})

    again = page(family, ADD)

    assert (BACK in again, "LEFÈVRE" in again) == (False, False)


def test_nothing_can_be_read_in_the_browser_s_cookie_and_it_lives_for_twenty_minutes(family):
    sent_too_late(family, ADD, TYPED)

    kept = family.browser.cookies["saisie-gardee"]

    assert "2026000042" not in kept.value
    assert (kept["max-age"], kept["path"], kept["httponly"], kept["samesite"]) == (1200, ADD, True, "Lax")


def test_sending_it_again_forgets_it(family):
    sent_too_late(family, "/espace/courriel/", {"courriel": "nouvelle@exemple.fr"})

    family.browser.post("/espace/courriel/", {"courriel": "encore@exemple.fr"})

    assert BACK not in page(family, "/espace/courriel/")


@pytest.mark.parametrize(
    ("forged", "typed"), [("", TYPED), ("k" * 43, TYPED), (None, {}), (None, {"numero": "x" * 2001})]
)
def test_without_a_session_that_was_ours_or_with_too_much_nothing_is_kept(family, forged, typed):
    end_sessions()
    if forged is not None:
        family.browser.cookies.load(session_cookie(forged))

    answer = family.browser.post(ADD, typed)

    assert "avec ce que vous aviez écrit" not in answer.content.decode()
    assert "saisie-gardee" not in answer.cookies


@pytest.mark.parametrize("altered", ["", "illisible", "gAAAAAB="])
def test_an_altered_cookie_is_ignored(family, altered):
    family.browser.cookies.load({"saisie-gardee": altered})

    assert BACK not in page(family, ADD)


def sent_from_a_tab_left_open(family, **headers):
    """Send a form that was shown before the person signed in again in another tab; return what was answered."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies.load({name: m.value for name, m in family.browser.cookies.items()})
    shown = first(CSRF_TOKEN, browser.get(ADD).content.decode())
    browser.cookies["csrftoken"] = "k" * 32
    answer = browser.post(ADD, {**TYPED, "csrfmiddlewaretoken": shown}, headers=headers)
    family.browser = browser
    return answer


def test_a_form_left_open_while_its_key_changed_is_filled_in_again(family):
    said = sent_from_a_tab_left_open(family, origin="http://testserver", referer=f"http://testserver{ADD}")

    again = page(family, ADD)

    assert said.status_code == 403
    assert "ce que vous aviez écrit y est encore" in said.content.decode()
    assert f'href="{ADD}"' in said.content.decode()
    assert (BACK in again, f'value="{TYPED["numero"]}"' in tag(again, "numero")) == (True, True)
    assert Attempt.objects.count() == 0


@pytest.mark.parametrize("origin", [{}, {"origin": "https://elsewhere.example"}, {"origin": "null"}])
def test_another_site_fills_in_no_form_of_ours(family, origin):
    said = sent_from_a_tab_left_open(family, **origin)

    assert said.status_code == 403
    assert "saisie-gardee" not in said.cookies
    assert BACK not in page(family, ADD)
