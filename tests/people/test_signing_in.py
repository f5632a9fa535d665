from __future__ import annotations

from datetime import date, timedelta

import pytest

from parloir.journal.models import Entry
from parloir.people.models import Account, SignIn
from parloir.people.operations import (
    erase_civil_status,
    forget_sign_ins,
    revoke_sign_ins,
    sign_in,
    sign_out,
    touch,
)
from parloir.people.queries import signed_in, was_closed_elsewhere
from parloir.people.rules import Identity, is_adult, latest_birth_date
from tests.factories import NOW

pytestmark = pytest.mark.django_db

IDLE = timedelta(minutes=30)


def identity(**about):
    known = {
        "issuer": "https://issuer.example/api/v2",
        "sub": "a" * 64 + "v1",
        "birth_name": "DURAND",
        "use_name": "MARTIN",
        "first_names": ("Sophie", "Anne"),
        "birth_date": "1992-01-30",
        "email": "sophie@example.org",
    }
    return Identity(**{**known, **about})


def open_session(*, now=NOW, replaces=None, **about):
    return sign_in(identity=identity(**about), id_token="a.b.c", language="fr", replaces=replaces, now=now)


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def test_the_first_sign_in_creates_the_account():
    opened = open_session()

    account = Account.objects.get()
    assert opened.account == account
    assert (account.birth_name, account.use_name, account.first_names) == ("DURAND", "MARTIN", ["Sophie", "Anne"])
    assert (account.birth_date, account.language, account.created_at) == ("1992-01-30", "fr", NOW)
    assert account.short_name == "Sophie MARTIN"
    assert verbs() == ["open_account", "sign_in"]


def test_the_next_sign_in_refreshes_the_civil_status_of_the_same_account():
    first = open_session().account

    again = open_session(use_name="", first_names=("Sophie",), now=NOW + timedelta(days=400)).account

    assert again.pk == first.pk
    account = Account.objects.get()
    assert (account.use_name, account.first_names, account.created_at) == ("", ["Sophie"], NOW)


@pytest.mark.parametrize("other", [{"sub": "b" * 64 + "v1"}, {"issuer": "https://other.example"}])
def test_another_subject_or_issuer_is_another_account_even_with_the_same_civil_status(other):
    open_session()

    open_session(**other)

    assert Account.objects.count() == 2


def test_the_journal_holds_no_name():
    open_session()

    told = str(list(Entry.objects.values()))
    assert all(word not in told for word in ("DURAND", "MARTIN", "Sophie", "1992", "sophie@example.org"))


def test_an_id_token_is_kept_out_of_sight():
    opened = open_session()

    kept = bytes(SignIn.objects.get().id_token)
    assert b"a.b.c" not in kept
    assert sign_out(key=opened.key, now=NOW) == "a.b.c"


def test_an_id_token_sealed_under_another_secret_is_lost_and_the_session_closed_all_the_same(settings):
    opened = open_session()
    settings.SECRET_KEY = "another" * 10

    assert sign_out(key=opened.key, now=NOW) == ""

    assert SignIn.objects.get().revoked_at == NOW


@pytest.mark.parametrize("how", ["closed elsewhere", "erased"])
def test_an_id_token_serves_once_whoever_closed_the_session(how):
    opened = open_session()
    if how == "erased":
        erase_civil_status(account=opened.account, now=NOW)
    else:
        revoke_sign_ins(account_id=opened.account_id, now=NOW)
    assert was_closed_elsewhere(opened.key)

    assert sign_out(key=opened.key, now=NOW) == "a.b.c"

    assert sign_out(key=opened.key, now=NOW) is None
    assert not was_closed_elsewhere(opened.key)
    assert not SignIn.objects.filter(revoked_at=None).exists()
    assert "sign_out" not in verbs()


def test_an_id_token_that_nobody_used_is_forgotten_at_night():
    unused, in_use = open_session(), open_session()
    touch(sign_in=in_use, now=NOW + timedelta(hours=2))
    revoke_sign_ins(account_id=unused.account_id, now=NOW, but=in_use.pk)

    assert forget_sign_ins(now=NOW + timedelta(days=1, hours=1)) == 1

    assert list(SignIn.objects.values_list("pk", flat=True)) == [in_use.pk]


def test_signing_out_closes_the_session_and_forgets_its_token():
    opened = open_session()

    sign_out(key=opened.key, now=NOW + timedelta(minutes=5))

    closed = SignIn.objects.get()
    assert (closed.revoked_at, bytes(closed.id_token)) == (NOW + timedelta(minutes=5), b"")
    assert signed_in(key=opened.key, idle=IDLE, now=NOW + timedelta(minutes=5)) is None
    assert verbs() == ["open_account", "sign_in", "sign_out"]


def test_signing_out_twice_or_from_nowhere_changes_nothing():
    opened = open_session()
    sign_out(key=opened.key, now=NOW)

    assert sign_out(key=opened.key, now=NOW + timedelta(minutes=1)) is None
    assert sign_out(key="unknown", now=NOW) is None

    assert SignIn.objects.get().revoked_at == NOW
    assert verbs() == ["open_account", "sign_in", "sign_out"]


def test_a_session_that_expired_can_still_be_closed_so_that_franceconnect_is_too():
    opened = open_session()

    assert sign_out(key=opened.key, now=NOW + timedelta(hours=20)) == "a.b.c"


def test_a_session_is_found_with_its_account_in_one_query(django_assert_num_queries):
    opened = open_session()

    with django_assert_num_queries(1):
        found = signed_in(key=opened.key, idle=IDLE, now=NOW)
        assert found is not None
        assert found.account.birth_name == "DURAND"


def test_a_session_ends_after_half_an_hour_without_use():
    opened = open_session()

    assert signed_in(key=opened.key, idle=IDLE, now=NOW + IDLE - timedelta(seconds=1)) == opened
    assert signed_in(key=opened.key, idle=IDLE, now=NOW + IDLE) is None


def test_a_session_in_use_lives_on_but_not_longer_than_twelve_hours():
    opened = open_session()
    for minutes in range(20, 12 * 60, 20):
        touch(sign_in=opened, now=NOW + timedelta(minutes=minutes))

    assert signed_in(key=opened.key, idle=IDLE, now=NOW + timedelta(hours=12, seconds=-1)) == opened
    assert signed_in(key=opened.key, idle=IDLE, now=NOW + timedelta(hours=12)) is None


def test_a_session_is_touched_at_most_once_a_minute(django_assert_num_queries):
    opened = open_session()

    with django_assert_num_queries(0):
        touch(sign_in=opened, now=NOW + timedelta(seconds=59))
    with django_assert_num_queries(1):
        touch(sign_in=opened, now=NOW + timedelta(seconds=60))

    assert SignIn.objects.get().last_seen_at == NOW + timedelta(seconds=60)


def test_signing_in_again_in_the_same_browser_closes_its_former_session():
    former = open_session()

    opened = open_session(replaces=former.key)

    assert signed_in(key=former.key, idle=IDLE, now=NOW) is None
    assert signed_in(key=opened.key, idle=IDLE, now=NOW) == opened


def test_two_devices_are_signed_in_side_by_side_until_all_sessions_are_revoked():
    telephone, computer = open_session(), open_session()
    assert signed_in(key=telephone.key, idle=IDLE, now=NOW) == telephone
    assert signed_in(key=computer.key, idle=IDLE, now=NOW) == computer

    assert revoke_sign_ins(account_id=telephone.account.pk, now=NOW) == 2

    assert signed_in(key=telephone.key, idle=IDLE, now=NOW) is None
    assert signed_in(key=computer.key, idle=IDLE, now=NOW) is None
    assert verbs()[-1] == "revoke_sign_ins"


def test_sessions_long_ended_are_forgotten_at_the_next_sign_in():
    long_ago = open_session()

    open_session(now=NOW + timedelta(days=1, seconds=1))

    assert not SignIn.objects.filter(pk=long_ago.pk).exists()
    assert SignIn.objects.count() == 1


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ({}, "Sophie MARTIN"),
        ({"use_name": ""}, "Sophie DURAND"),
        ({"first_names": ()}, "MARTIN"),
        ({"first_names": (), "use_name": "", "birth_name": "", "birth_date": ""}, ""),
    ],
)
def test_an_incomplete_identity_signs_in(about, shown):
    assert open_session(**about).account.short_name == shown


@pytest.mark.parametrize(
    ("text", "latest"),
    [
        ("1992-01-30", date(1992, 1, 30)),
        ("1957-00-00", date(1957, 12, 31)),
        ("1957-02-00", date(1957, 2, 28)),
    ],
)
def test_a_presumed_birth_date_is_the_latest_it_can_be(text, latest):
    assert latest_birth_date(text) == latest


def test_somebody_without_any_birth_date_is_never_taken_for_an_adult():
    assert is_adult(latest_birth_date(""), date(2100, 1, 1)) is False
