"""The personal space from end to end, in every state it can be in, with names as long as names can be.

One walk in Arabic by the keyboard alone, one in French without JavaScript; a desk's screen in `make soak`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from parloir.content.models import Opinion
from parloir.notifications.models import Contact, PhoneCode
from parloir.notifications.operations import note_returned_address
from parloir.notifications.queries import code_of, confirmation_url, withdraw_url
from parloir.notifications.rules import Channel
from parloir.people.models import Account, SignIn
from parloir.visits.models import Visit
from tests.factories import AccountFactory, ContactFactory
from tests.journeys.families import in_session, screen
from tests.journeys.spaces import busy_space
from tests.journeys.test_languages import LEFT_IN_FRENCH, choose
from tests.serving import served

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("test_space")]

WALKS = [
    pytest.param("ar", 375, True, {}, id="ar-375-keyboard"),
    pytest.param("fr", 375, False, {}, id="fr-375-without-javascript"),
    pytest.param("fr", 1280, True, {}, id="fr-1280", marks=pytest.mark.soak),
    pytest.param("fr", 375, True, {"color_scheme": "dark"}, id="fr-375-by-night", marks=pytest.mark.soak),
]


AXE_IN_ARABIC = {
    *("home", "session-warning", "permits", "permit-ending", "permit-add-refused", "guide", "guide-answer"),
    *("visits", "visit", "cancel", "offer", "preferences-first", "typed-again", "code-refused", "stop"),
    *("opinion-without-an-answer", "empty-home", "my-data", "erase"),
}
"""One of each kind of page: in French axe sees all of them, in this walk's long form and the other journeys."""

OTHERS = (320, 768, 1280)
"""Where no script has to be awaited, nothing may run out of the page on any other screen either."""

NOT_MIRRORED = """() => {
  const drawn = [
    [".fr-radio-group:not(.p-choice) > label", null, "the circle of a choice"],
    [":is(.fr-input-group--error, .fr-select-group--error)", "::before", "the bar of an error"],
  ];
  return drawn.flatMap(([selector, part, name]) => [...document.querySelectorAll(selector)]
    .filter((element) => !/100%|right/.test(getComputedStyle(element, part).backgroundPositionX)).map(() => name));
}"""
"""What is drawn as a background stands at its left unless a style says otherwise."""


class Walk:
    """Somebody in front of a page: by the keyboard alone where scripts run, by touch where they do not."""

    def __init__(self, page, site, seen, *, keyboard):
        self.page, self.site, self.seen, self.keyboard = page, site, seen, keyboard
        self.left = []

    def open(self, path, state):
        self.page.goto(self.site + path)
        self.look(state)

    def look(self, state):
        arabic = self.page.locator("html").get_attribute("lang") == "ar"
        self.seen(state, alike=arabic and state not in AXE_IN_ARABIC)
        if arabic:
            self.left += [(state, found) for found in self.page.evaluate(NOT_MIRRORED)]
            self.left += [(state, text) for text in self.page.evaluate(LEFT_IN_FRENCH)]

    def press(self, selector, state=""):
        """Press a link or a button, and look at what follows."""
        self._reach(selector)
        with self.page.expect_navigation():
            if self.keyboard:
                self.page.keyboard.press("Enter")
            else:
                self.page.locator(selector).first.click()
        if state:
            self.look(state)

    def tick(self, selector):
        self._reach(selector)
        if self.keyboard:
            self.page.keyboard.press("Space")
        else:
            self.page.locator(selector).first.check()

    def write(self, name, text):
        self._reach(f"[name={name}]")
        if self.keyboard:
            self.page.keyboard.press("ControlOrMeta+a")
            self.page.keyboard.type(text)
        else:
            self.page.locator(f"[name={name}]").fill(text)

    def _reach(self, selector):
        if not self.keyboard:
            return
        for _ in range(150):
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{selector} is not reached with the keyboard on {self.page.url}")


@pytest.fixture(scope="module")
def site(django_db_setup):
    """The site, served once for all the walks: what they write is taken away, and nothing of it is remembered."""
    with served(workers=1) as address:
        yield address


@pytest.mark.parametrize(("language", "width", "scripts", "asked"), WALKS)
def test_the_space_is_walked_through_from_its_home_to_its_erasure(
    site, chromium, look, language, width, scripts, asked
):
    family = busy_space()
    Contact.objects.update(email="marie-antoinette.vandermeersch@exemple.fr", email_confirmed_at=None)
    context = screen(chromium, width, 800, javascript=scripts, **asked)
    in_session(context, site, family.account)
    page = context.new_page()
    walk = Walk(page, site, look(page, scripts=scripts, widths=() if scripts else OTHERS), keyboard=scripts)

    page.goto(f"{site}/espace/")
    if language != "fr":
        choose(page, language)
    walk.look("home")
    if scripts:
        page.evaluate("document.querySelector('[data-session]').hidden = false")
        walk.look("session-warning")
    permits(walk, family)
    visits(walk, family)
    preferences(walk, family)
    opinion_and_help(walk)
    empty(walk, context)
    in_session(context, site, family.account)
    my_data(walk)
    context.close()

    assert walk.left == []
    assert walk.seen.faults() == []


def permits(walk, family):
    walk.press("a[href='/espace/permis/']", "permits")
    for state, permit in family.permits.items():
        walk.open(f"/espace/permis/{family.registrations[permit.pk]}/", f"permit-{state}")
    walk.open(f"/espace/permis/{family.registrations[family.permit.pk]}/", "permit-own")
    walk.press("main a.p-link-danger", "permit-taken-out")
    walk.open(f"/espace/permis/ailleurs/{family.elsewhere}/retirer/", "permit-taken-back")
    walk.open("/espace/permis/ajouter/", "permit-add")
    walk.press("main form button[type=submit]", "permit-add-refused")
    walk.open("/espace/permis/aide/", "permit-help")
    walk.open("/permis/demander/", "guide")
    walk.tick("[name=situation][value=instruction]")
    walk.tick("[name=pour][value=moi]")
    walk.press("main form button[type=submit]", "guide-answer")


def visits(walk, family):
    walk.open("/espace/rendez-vous/", "visits")
    walk.press("a[rel=next]", "visits-second-page")
    walk.open(f"/espace/rendez-vous/{family.by_telephone.reference}/", "visit-by-telephone")
    walk.open(f"/espace/rendez-vous/{family.to_confirm.reference}/", "visit-to-confirm")
    walk.open(f"/espace/rendez-vous/{family.lost.reference}/", "visit-cancelled-by-the-prison")
    walk.open(f"/espace/rendez-vous/{family.next.reference}/", "visit")
    walk.press("main a[href$='/annuler/']", "cancel")
    walk.press("main form button[type=submit]", "cancelled")
    assert Visit.objects.get(pk=family.next.pk).cancelled_by == "family"
    walk.open("/espace/attente/", "waits")
    walk.open(f"/espace/attente/{family.offer.pk}/", "offer")


def preferences(walk, family):
    walk.open("/espace/preferences/", "preferences-first")
    walk.press("main a[href='/espace/courriel/']", "email")
    walk.write("courriel", "pas une adresse")
    SignIn.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))
    walk.press("main form[action='/espace/courriel/'] button", "session-ended")
    in_session(walk.page.context, walk.site, family.account)
    walk.open("/espace/courriel/", "typed-again")
    assert walk.page.locator("[name=courriel]").input_value() == "pas une adresse"
    walk.press("main form[action='/espace/courriel/'] button", "email-refused")
    walk.open("/espace/preferences/telephone/", "telephone")
    walk.write("telephone", "01 42 34 56 78")
    walk.press("main form button.p-action", "telephone-refused")
    walk.write("telephone", "06 12 34 56 78")
    walk.press("main form button.p-action", "code")
    walk.write("code", "12")
    walk.press("main form button.p-action", "code-refused")
    walk.write("code", code_of(PhoneCode.objects.get()))
    walk.press("main form button.p-action", "telephone-confirmed")
    walk.tick("[name=sms]")
    walk.press("main form:not([action]) button", "preferences-kept")
    contact = Contact.objects.get(account=family.account)
    assert contact.sms_since is not None
    links_of_messages(walk, contact)
    note_returned_address(email=contact.email, now=contact.sms_since)
    walk.open("/espace/", "home-with-a-dead-address")
    walk.open("/espace/courriel/", "email-dead")


def links_of_messages(walk, contact):
    """Open the links of messages: nobody need be signed in, and only a button does something."""
    confirm = confirmation_url(account_id=contact.account_id, email=contact.email, now=timezone.now())
    walk.open("/courriel/confirmer/" + confirm.partition("/courriel/confirmer/")[2], "confirm-address")
    walk.press("main form button[type=submit]", "address-confirmed")
    walk.open("/courriel/confirmer/abc/", "confirm-unusable")
    walk.open("/m/" + withdraw_url(contact.account_id, Channel.EMAIL).partition("/m/")[2], "stop")
    walk.press("main form button[type=submit]", "stopped")
    walk.open("/m/ex-AAAAAAAAAAAA/", "stop-unusable")
    assert Contact.objects.get(pk=contact.pk).email_confirmed_at is not None


def opinion_and_help(walk):
    walk.open("/espace/contacts/", "contacts")
    walk.press("a[href^='/avis/']", "opinion")
    walk.press("main form button[type=submit]", "opinion-without-an-answer")
    walk.tick("main form [type=radio]")
    walk.press("main form button[type=submit]", "opinion-thanks")
    assert Opinion.objects.count() == 1


def empty(walk, context):
    newcomer = AccountFactory(first_names=["Max"])
    ContactFactory(account=newcomer, email="")
    in_session(context, walk.site, newcomer)
    for path, state in [
        ("", "home"),
        ("permis/", "permits"),
        ("rendez-vous/", "visits"),
        ("rendez-vous/nouveau/", "booking"),
        ("attente/", "waits"),
        ("contacts/", "contacts"),
        ("courriel/", "email"),
    ]:
        walk.open(f"/espace/{path}", f"empty-{state}")


def my_data(walk):
    walk.open("/espace/mes-donnees/", "my-data")
    assert "Autre opération" not in walk.page.content()
    walk.press("form[action$='/ancien-espace/'] button", "my-data-searched")
    walk.press("form[action$='/deconnecter/'] button", "my-data-signed-out-elsewhere")
    walk.press("main a[href$='/effacer/']", "erase")
    walk.press("main form button[type=submit]", "erased")
    assert Account.objects.filter(birth_name__startswith="VANDERMEERSCH").count() == 0
