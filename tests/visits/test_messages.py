"""What families are written about their visits: who reads what, and what a lock screen can show of it."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import resolve

from parloir.notifications.models import Contact
from parloir.notifications.queries import state_of_link
from parloir.notifications.rules import LinkState
from parloir.permits.models import Permit
from parloir.visits.models import Visit
from parloir.visits.rules import Code
from parloir.visits.tasks import tell_booked, tell_cancelled
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import (
    NOW,
    AccountFactory,
    AttendanceFactory,
    ContactFactory,
    DetaineeFactory,
    EstablishmentFactory,
    PermitFactory,
    PolicyFactory,
    RegistrationFactory,
    SlotFactory,
    VisitFactory,
    VisitorFactory,
    WingFactory,
)
from tests.mailbox import visible

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now_stands_still")]

NAMES = ("Sophie DURAND", "Léo PETIT", "Amina BENALI", "Paul MARTIN", "Ville-Neuve")
NOT_A_PROOF = "La notification de rendez-vous parloir n’est pas un justificatif !"
CAUSES = [Code.HOSPITAL, Code.RESTRICTED, Code.RELEASED, Code.MOVED, Code.DISCIPLINARY_MAXIMUM, Code.PERMIT_SUSPENDED]


class Story:
    """Sophie books for her son Léo and for Amina, who has an account of her own; and comes herself if told so."""

    def __init__(
        self, *, language="fr", confirmed=True, comes=True, amina="own", zone="Europe/Paris", **policy
    ) -> None:
        self.prison = EstablishmentFactory(
            name="Maison d'arrêt de Ville-Neuve",
            street="72 rue d'Auxonne",
            postal_city="VILLE-NEUVE",
            phone="+33380664732",
            time_zone=zone,
        )
        wing = WingFactory(establishment=self.prison)
        PolicyFactory(wing=wing, **policy)
        detainee = DetaineeFactory(wing=wing, birth_name="MARTIN", first_names=["Paul"])
        confirmed_at = NOW if confirmed else None
        self.sophie, self.amina = AccountFactory(language=language), AccountFactory(language=language)
        ContactFactory(account=self.sophie, email="sophie@example.org", email_confirmed_at=confirmed_at)
        ContactFactory(account=self.amina, email="amina@example.org", email_confirmed_at=confirmed_at)
        slot = SlotFactory(wing=wing)
        self.visit = VisitFactory(booker=self.sophie, detainee=detainee, slot=slot, reference="PAR-2345-67")
        people = [
            ("Sophie", "DURAND", date(1992, 1, 30), self.sophie, "own"),
            ("Léo", "PETIT", date(2018, 5, 1), self.sophie, "child"),
            ("Amina", "BENALI", date(1970, 3, 3), self.amina, amina),
        ]
        for first_name, name, born, account, holding in people[0 if comes else 1 :]:
            visitor = VisitorFactory(first_names=[first_name], birth_name=name, birth_date=born)
            permit = PermitFactory(detainee=detainee, visitor=visitor)
            RegistrationFactory(account=account, permit=permit, holding=holding)
            if account is not self.sophie:
                RegistrationFactory(account=self.sophie, permit=permit, holding="adult")
            AttendanceFactory(visit=self.visit, permit=permit)
        self.box: list = []

    def cancel(self, *, by="family", cause=""):
        Visit.objects.update(status="cancelled", cancelled_by=by, cancel_cause=cause, cancelled_at=NOW)
        self.visit.attendances.update(live=False)


def letters_by_address(mailbox):
    return {letter.to: letter for letter in mailbox.letters}


def written(text):
    return " ".join(text.split())


def assert_lock_screen_tells_nothing(letter):
    title = re.search(r"<title>(.*?)</title>", letter.html, re.DOTALL)
    assert title is not None
    seen = told_by_lock_screen(
        sender=letter.message["From"], subject=letter.subject, text=letter.text, html=letter.html, title=title[1]
    )
    assert_discreet(seen, *NAMES)


# Everything that is ever sent about a visit ------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("what", ["booked", "family", "staff", "register"])
@pytest.mark.parametrize(
    "policy",
    [
        {},
        {"arrive_minutes_before": 0, "lateness_tolerance_minutes": 5, "driving_licence_accepted": True},
        {"zone": "Pacific/Noumea"},
    ],
    ids=["usual", "lenient", "far"],
)
def test_a_lock_screen_never_tells_what_a_message_is_about(mailbox, language, confirmed, what, policy):
    story = Story(language=language, confirmed=confirmed, **policy)
    if what == "booked":
        tell_booked(visit_id=story.visit.pk)
    else:
        story.cancel(by=what)
        tell_cancelled(visit_id=story.visit.pk)

    assert {letter.to for letter in mailbox.letters} == {"sophie@example.org", "amina@example.org"}
    for letter in mailbox.letters:
        assert_lock_screen_tells_nothing(letter)
        assert re.search(r"d[ée]monstration", letter.text, re.IGNORECASE)
        assert re.search(r"d[ée]monstration", letter.html, re.IGNORECASE)
        assert "&#x27;" not in letter.text
        assert f'lang="{language}"' in letter.html


def test_the_demonstration_is_not_mentioned_when_the_state_runs_the_service(mailbox, settings):
    settings.OFFICIAL = True
    story = Story()

    tell_booked(visit_id=story.visit.pk)

    for letter in mailbox.letters:
        assert "émonstration" not in letter.text + letter.html


# Booked -----------------------------------------------------------------------------------


def test_the_booker_reads_all_that_is_needed_to_come(mailbox, settings):
    story = Story()

    tell_booked(visit_id=story.visit.pk)

    letter = letters_by_address(mailbox)["sophie@example.org"]
    assert letter.subject == "Votre rendez-vous du mercredi 11 novembre est confirmé"
    for body in (written(letter.text), visible(letter.html)):
        for said in (
            "PAR-2345-67",
            "ercredi 11 novembre 2026",
            "14 h 00",
            "Arrivez à 13 h 30, 30 minutes avant.",
            "Maison d'arrêt de Ville-Neuve",
            "72 rue d'Auxonne",
            "21000 VILLE-NEUVE",
            "03 80 66 47 32",
            "Sophie DURAND",
            "Léo PETIT (enfant)",
            "Amina BENALI",
            "une pièce d’identité en cours de validité",
            "Le permis de conduire n’est pas accepté.",
            "le livret de famille",
            NOT_A_PROOF,
        ):
            assert said in body, said
        assert "Paul" not in body
        assert "MARTIN" not in body
        assert story.visit.detainee.committal_number not in body
    url = f"{settings.LINK_URL}/espace/rendez-vous/PAR-2345-67/"
    assert letter.links == [url]
    assert f'href="{url}"' in letter.html
    assert resolve(url.removeprefix(settings.LINK_URL)).url_name == "visit"


def test_somebody_whose_own_permit_attends_reads_of_themselves_alone(mailbox):
    story = Story()

    tell_booked(visit_id=story.visit.pk)

    letter = letters_by_address(mailbox)["amina@example.org"]
    for body in (written(letter.text), visible(letter.html)):
        assert "Amina BENALI" in body
        assert "Sophie" not in body
        assert "Léo" not in body
        assert "livret de famille" not in body
        assert "annuler jusqu’au début" not in body
        assert NOT_A_PROOF in body


def test_an_account_that_registered_somebody_elses_permit_is_told_nothing(mailbox):
    story = Story(amina="adult")

    tell_booked(visit_id=story.visit.pk)

    assert [letter.to for letter in mailbox.letters] == ["sophie@example.org"]


def test_a_booker_who_does_not_come_is_told_who_does(mailbox):
    story = Story(comes=False)

    tell_booked(visit_id=story.visit.pk)

    body = letters_by_address(mailbox)["sophie@example.org"].text
    assert "Sophie" not in body
    assert "Léo PETIT (enfant)" in body
    assert "Amina BENALI" in body


def test_nobody_is_told_of_a_person_who_no_longer_comes(mailbox):
    story = Story()
    story.visit.attendances.filter(visitor__first_names=["Amina"]).update(live=False)

    tell_booked(visit_id=story.visit.pk)

    (letter,) = mailbox.letters
    assert letter.to == "sophie@example.org"
    assert "Amina" not in letter.text


def test_the_rules_told_are_those_of_the_wing(mailbox):
    story = Story(
        arrive_minutes_before=0,
        lateness_tolerance_minutes=10,
        driving_licence_accepted=True,
        family_record_book_for_children=False,
        refund_hours_before=0,
    )

    tell_booked(visit_id=story.visit.pk)

    body = written(letters_by_address(mailbox)["sophie@example.org"].text)
    assert "Arrivez à l’heure." in body
    assert "Au-delà de 10 minutes de retard, vous ne pourrez plus entrer." in body
    assert "permis de conduire" not in body
    assert "livret de famille" not in body
    assert "reste comptée" not in body


@pytest.mark.parametrize("allowed", [None, 5])
def test_only_a_limited_permit_is_told_what_a_late_cancellation_costs(mailbox, allowed):
    story = Story()
    Permit.objects.filter(visitor__first_names=["Léo"]).update(visits_allowed=allowed)

    tell_booked(visit_id=story.visit.pk)

    costs = "Si vous annulez moins de 24 heures avant, cette visite reste comptée."
    letters = letters_by_address(mailbox)
    assert (costs in written(letters["sophie@example.org"].text)) == (allowed is not None)
    assert (costs in visible(letters["sophie@example.org"].html)) == (allowed is not None)
    assert costs not in written(letters["amina@example.org"].text)


def test_overseas_the_time_is_that_of_the_place_and_says_so(mailbox):
    story = Story(zone="Pacific/Noumea")

    tell_booked(visit_id=story.visit.pk)

    body = written(letters_by_address(mailbox)["sophie@example.org"].text)
    assert "jeudi 12 novembre 2026 à 0 h 00 est confirmé. (heure du lieu du rendez-vous)" in body


def test_what_a_prison_has_not_published_is_left_out(mailbox):
    story = Story()
    story.prison.street = story.prison.phone = ""
    story.prison.save()

    tell_booked(visit_id=story.visit.pk)

    letter = letters_by_address(mailbox)["sophie@example.org"]
    assert "Téléphone" not in letter.text + letter.html
    assert "Maison d'arrêt de Ville-Neuve\n21000 VILLE-NEUVE\n" in letter.text


# An address that is not confirmed ---------------------------------------------------------


@pytest.mark.parametrize(("what", "verb"), [("booked", "confirmé"), ("register", "annulé")])
@pytest.mark.parametrize("address", ["sophie@example.org", "amina@example.org"])
def test_an_unconfirmed_address_gets_reference_date_time_and_two_links_and_nothing_else(
    mailbox, settings, what, verb, address
):
    story = Story(confirmed=False)
    if what == "booked":
        tell_booked(visit_id=story.visit.pk)
    else:
        story.cancel(by=what, cause=Code.HOSPITAL)
        tell_cancelled(visit_id=story.visit.pk)

    letter = letters_by_address(mailbox)[address]
    space, confirm = letter.links
    next_step, to_receive = "Les détails sont dans votre espace :", "Pour les recevoir aussi par e-mail"
    if what != "booked":
        next_step = (
            "Ne vous déplacez pas. Si vous aviez prévu un trajet, un hébergement ou une garde d’enfants, pensez à les "
            "annuler aussi. Et maintenant : votre espace dit ce que vous pouvez faire, "
            "par exemple choisir un autre jour."
        )
        to_receive = "Pour recevoir aussi tous les détails par e-mail"
    assert space == f"{settings.LINK_URL}/espace/"
    assert confirm.startswith(f"{settings.LINK_URL}/courriel/confirmer/")
    assert written(letter.text) == written(
        f"""Bonjour,
        Votre rendez-vous est {verb}.
        Référence : PAR-2345-67
        Date : mercredi 11 novembre 2026
        Heure : 14 h 00
        {next_step} {space}
        {to_receive}, confirmez votre adresse : {confirm}
        -- Message automatique : ne répondez pas à cette adresse.
        Démonstration, site non officiel"""
    )
    assert visible(letter.html) == written(
        f"""Votre rendez-vous est {verb}. Bonjour,
        Référence : PAR-2345-67
        Date : mercredi 11 novembre 2026
        Heure : 14 h 00
        {next_step} ouvrir mon espace
        {to_receive}, confirmez votre adresse :
        Confirmer mon adresse
        Message automatique : ne répondez pas à cette adresse.
        Démonstration, site non officiel"""
    )
    token = confirm.rstrip("/").rpartition("/")[2]
    assert state_of_link(token=token, now=NOW) == LinkState.READY


def test_once_confirmed_the_next_message_says_everything(mailbox):
    story = Story(confirmed=False)
    tell_booked(visit_id=story.visit.pk)
    Contact.objects.update(email_confirmed_at=NOW)
    story.cancel(by="staff")

    tell_cancelled(visit_id=story.visit.pk)

    before, after = mailbox.to("sophie@example.org")
    assert "Ville-Neuve" not in before.text + before.html
    assert "Maison d'arrêt de Ville-Neuve" in after.text
