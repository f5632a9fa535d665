"""What accounts are told of the permits of their space: once, discreetly, and only what is still so."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from parloir.establishments.models import Establishment
from parloir.notifications.models import Contact, Delivery
from parloir.notifications.rules import NotYet
from parloir.people.feed import Clock
from parloir.people.models import Detainee
from parloir.permits.feed import KnownPermit, Terms, news_of
from parloir.permits.models import Permit, Registration
from parloir.permits.operations import register_known_permit, warn_of_endings
from parloir.permits.rules import Authority, Holding, News, PermitStatus, Relationship
from parloir.permits.tasks import tell_changed, tell_ending, tell_registered, warn
from tests.discretion import assert_discreet, told_by_lock_screen
from tests.factories import NOW, AccountFactory, ContactFactory, PermitFactory, RegistrationFactory

pytestmark = pytest.mark.django_db

SOON = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def registration():
    found = RegistrationFactory(permit=PermitFactory(valid_until=SOON))
    ContactFactory(account=found.account, email="sophie@example.org")
    return found


def change(registration, news=News.SUSPENDED, *, status="suspended", until=None, line_at=NOW):
    """Have the register change a permit; returns the arguments of the job that tells it."""
    Permit.objects.update(status=status, suspended_until=until)
    return {
        "permit_id": registration.permit_id,
        "news": str(news),
        "suspended_until": until.isoformat() if until else None,
        "line_at": line_at.isoformat(),
        "since": NOW.isoformat(),
    }


def jobs(name):
    return [job.args for job in ProcrastinateJob.objects.filter(task_name=name).order_by("id")]


def known(status=PermitStatus.ACTIVE, until=None, closed_at=None):
    terms = Terms(
        status=status,
        suspended_until=until,
        issued_by=Authority.PROSECUTOR,
        relationship=Relationship.PARENT,
        valid_from=SOON,
        valid_until=None,
        visits_allowed=None,
        weekdays=None,
        separated=False,
        alone_from_16=False,
    )
    return KnownPermit(detainee_id=1, visitor_id="V1", terms=terms, line=Clock(NOW, ""), closed_at=closed_at)


@pytest.mark.parametrize(
    ("before", "after", "news"),
    [
        (None, known(PermitStatus.SUSPENDED), None),
        (known(), known(), None),
        (known(), known(PermitStatus.SUSPENDED), News.SUSPENDED),
        (known(PermitStatus.SUSPENDED), known(PermitStatus.SUSPENDED, SOON), News.SUSPENDED),
        (known(PermitStatus.SUSPENDED, SOON), known(PermitStatus.SUSPENDED, SOON), None),
        (known(), known(PermitStatus.WITHDRAWN), News.WITHDRAWN),
        (known(PermitStatus.WITHDRAWN), known(), News.RESTORED),
        (known(), known(PermitStatus.WITHDRAWN, closed_at=NOW), None),
    ],
)
def test_only_a_change_of_standing_is_news_and_never_a_release(before, after, news):
    assert news_of(before, after) == news


def test_registering_tells_the_account_once(mailbox):
    account = AccountFactory()
    ContactFactory(account=account)
    permit = PermitFactory()
    for _ in range(2):
        register_known_permit(account=account, permit_id=permit.pk, holding=Holding.OWN, now=NOW)
    (job,) = jobs("permits.tell_registered")

    tell_registered(**job)
    tell_registered(**job)

    (letter,) = mailbox.letters
    assert letter.subject == "C’est enregistré dans votre espace"
    assert Delivery.objects.get().dedup_key == f"permit-registered-{job['registration_id']}-{account.pk}"


def test_a_permit_taken_out_before_it_was_told_is_not_told(mailbox, registration):
    Registration.objects.all().delete()

    tell_registered(registration_id=registration.pk)
    tell_ending(registration_id=registration.pk, until=SOON.isoformat())

    assert mailbox.letters == []


@pytest.mark.parametrize(("days", "found"), [(18, 0), (19, 1), (30, 1)])
def test_an_end_is_found_when_it_is_near_enough(registration, days, found):
    assert warn_of_endings(days=days, now=NOW) == found


def test_an_end_is_told_once_and_another_end_once_more(mailbox, registration):
    warn(timestamp=0)
    warn(timestamp=0)
    Permit.objects.update(valid_until=SOON + timedelta(days=1))
    warn(timestamp=0)

    for job in jobs("permits.tell_ending"):
        tell_ending(**job)

    assert [job["until"] for job in jobs("permits.tell_ending")] == ["2026-11-20", "2026-11-21"]
    (letter,) = mailbox.letters
    assert "expire le 21 novembre 2026" in letter.text


@pytest.mark.parametrize(
    "what", [{"status": "withdrawn"}, {"valid_until": date(2027, 1, 1)}, {"closed_at": NOW}, {"status": "suspended"}]
)
def test_an_end_that_no_longer_is_is_neither_found_nor_told(mailbox, registration, what):
    Permit.objects.update(**what)

    tell_ending(registration_id=registration.pk, until=SOON.isoformat())

    assert (warn_of_endings(days=30, now=NOW), mailbox.letters) == (0, [])


@pytest.mark.parametrize(("begins", "told"), [(SOON + timedelta(days=1), 0), (SOON + timedelta(days=2), 1)])
def test_an_end_is_not_told_when_a_renewed_permit_follows_without_a_gap(mailbox, registration, begins, told):
    permit = registration.permit
    following = PermitFactory(detainee=permit.detainee, visitor=permit.visitor, valid_from=begins)
    RegistrationFactory(account=registration.account, permit=following)

    tell_ending(registration_id=registration.pk, until=SOON.isoformat())

    assert len(mailbox.letters) == told


def test_each_account_is_told_of_a_suspension_once_in_its_language(mailbox, registration):
    other = RegistrationFactory(permit=registration.permit, holding="adult", account__language="en")
    ContactFactory(account=other.account, email="other@example.org")
    job = change(registration, until=SOON)

    tell_changed(**job)
    tell_changed(**job)

    assert sorted(letter.to for letter in mailbox.letters) == ["other@example.org", "sophie@example.org"]
    assert "suspendu jusqu’au 20 novembre 2026 inclus" in mailbox.to("sophie@example.org")[0].text
    assert "suspended until the end of 20 November 2026" in mailbox.to("other@example.org")[0].text


def test_a_change_that_another_overtook_is_left_to_that_one(mailbox, registration):
    first = change(registration, until=SOON)
    second = change(registration, News.WITHDRAWN, status="withdrawn", line_at=NOW + timedelta(seconds=1))

    tell_changed(**first)
    tell_changed(**second)

    (letter,) = mailbox.letters
    assert "n’est plus valable" in letter.text


def test_a_permit_closed_by_a_release_is_not_told(mailbox, registration):
    job = change(registration, News.WITHDRAWN, status="withdrawn")
    Permit.objects.update(closed_at=NOW)

    tell_changed(**job)

    assert mailbox.letters == []


@pytest.mark.parametrize("confirmed", [True, False])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_shows_on_a_lock_screen_and_no_name_is_anywhere(mailbox, registration, language, confirmed):
    type(registration.account).objects.update(language=language)
    if not confirmed:
        Contact.objects.update(email_confirmed_at=None)

    tell_changed(**change(registration, News.WITHDRAWN, status="withdrawn"))

    (letter,) = mailbox.letters
    seen = told_by_lock_screen(
        sender=letter.message["From"], subject=letter.subject, text=letter.text, html=letter.html, title=letter.subject
    )
    assert_discreet(seen, "Sophie DURAND", "Paul MARTIN")
    for told in ("DURAND", "MARTIN", registration.permit.number):
        assert told not in letter.text + letter.html
    assert ("plus valable" in letter.text or "no longer valid" in letter.text) == confirmed


def test_where_no_e_mail_arrives_an_sms_goes_to_whoever_agreed(registration, monkeypatch):
    sent = []
    monkeypatch.setattr("parloir.notifications.operations.delivering.gateway", lambda: _Gateway(sent))
    Contact.objects.update(email="", phone="+33600000000", phone_confirmed_at=NOW, sms_since=NOW)

    tell_ending(registration_id=registration.pk, until=SOON.isoformat())

    (text,) = sent
    assert text.startswith("Un document de votre espace expire le 20 novembre 2026.")


class _Gateway:
    def __init__(self, sent):
        self.sent = sent

    def send(self, *, to, text, token):
        self.sent.append(text)
        return ""


@pytest.mark.parametrize(
    ("zone", "disclose_from", "waits"),
    [
        ("Europe/Paris", None, False),
        ("Pacific/Noumea", None, False),
        ("Pacific/Tahiti", None, True),
        ("America/Martinique", None, True),
        ("America/Martinique", date(2027, 1, 1), False),
    ],
)
def test_an_end_is_told_in_the_morning_of_the_prison_that_the_family_may_know_of(
    mailbox, registration, zone, disclose_from, waits
):
    permit = Permit.objects.select_related("detainee__wing__establishment").get()
    Establishment.objects.filter(pk=permit.detainee.wing.establishment_id).update(time_zone=zone)
    Detainee.objects.filter(pk=permit.detainee_id).update(disclose_from=disclose_from)

    at_once_or_not = pytest.raises(NotYet) if waits else nullcontext()
    with time_machine.travel(NOW.replace(hour=8, minute=40), tick=False), at_once_or_not as later:
        tell_ending(registration_id=registration.pk, until=SOON.isoformat())

    assert len(mailbox.letters) == (0 if waits else 1)
    assert not waits or "08:05" <= f"{later.value.at.astimezone(ZoneInfo(zone)):%H:%M}" <= "08:30"


def test_what_waits_for_the_morning_holds_up_no_news_of_the_permit(registration):
    warn(timestamp=0)

    assert list(ProcrastinateJob.objects.values_list("lock", flat=True)) == [None]
