from __future__ import annotations

import pytest

from parloir.identity.franceconnect import identity_from

ENVELOPE = {"iss": "https://issuer.example", "sub": "a" * 64 + "v1"}


def read(**claims):
    return identity_from({**ENVELOPE, **claims})


def test_a_complete_civil_status_is_read():
    identity = read(
        given_name="Sophie Anne",
        given_name_array=["Sophie", "Anne"],
        family_name="DURAND",
        preferred_username="MARTIN",
        birthdate="1992-01-30",
        email="sophie@example.org",
    )

    assert (identity.issuer, identity.sub) == (ENVELOPE["iss"], ENVELOPE["sub"])
    assert (identity.birth_name, identity.use_name) == ("DURAND", "MARTIN")
    assert identity.first_names == ("Sophie", "Anne")
    assert (identity.birth_date, identity.email) == ("1992-01-30", "sophie@example.org")


def test_without_a_list_the_first_names_are_one_text():
    assert read(given_name="Sophie Anne").first_names == ("Sophie Anne",)


def test_what_is_absent_or_unreadable_is_left_empty():
    identity = read(
        given_name=None, given_name_array=[3, ""], family_name=7, birthdate="30/01/1992", email="not an address"
    )

    assert (identity.birth_name, identity.use_name, identity.first_names) == ("", "", ())
    assert (identity.birth_date, identity.email) == ("", "")


@pytest.mark.parametrize("presumed", ["1957-00-00", "1957-03-00", "1957-01-01"])
def test_a_presumed_birth_date_is_kept_as_given(presumed):
    assert read(birthdate=presumed).birth_date == presumed


@pytest.mark.parametrize(
    "impossible", ["1957-13-01", "1957-02-30", "0000-01-01", "57-01-01", "1957-01-01T00:00", "", "１９５７-01-01", 1957]
)
def test_what_is_no_date_is_left_empty(impossible):
    assert read(birthdate=impossible).birth_date == ""


def test_a_name_is_kept_without_control_characters_and_within_its_column():
    assert read(family_name="DU\x00RAND\n  LE\u200b GRAND").birth_name == "DU RAND LE GRAND"
    assert read(family_name="É" * 300).birth_name == "É" * 100


def test_a_name_is_kept_composed_however_it_was_sent():
    assert read(family_name="LEFE\u0300VRE", given_name_array=["Noe\u0301"]).birth_name == "LEFÈVRE"
    assert read(given_name_array=["Noe\u0301"]).first_names == ("Noé",)


@pytest.mark.parametrize("repeated", ["DURAND", "Durand", "DURÁND"])
def test_a_name_in_use_that_is_the_birth_name_is_not_kept(repeated):
    assert read(family_name="DURAND", preferred_username=repeated).use_name == ""


def test_a_person_of_one_name_has_no_first_name():
    identity = read(family_name="MOHANAN", given_name="", given_name_array=[])

    assert (identity.birth_name, identity.first_names) == ("MOHANAN", ())


@pytest.mark.parametrize("length", [254, 255, 320, 5_000])
def test_an_address_longer_than_mail_allows_is_left_empty(length):
    address = "a" * 60 + "@" + ("b" * 60 + ".") * 100
    address = address[: length - 8] + ".example"

    assert len(address) == length
    assert read(email=address).email == (address if length <= 254 else "")


@pytest.mark.parametrize("address", ["a\x00@b.example", "a@b\ud800.example", "a@\u200bb.example", "a@b.example\n"])
def test_an_address_with_signs_that_nobody_sees_is_left_empty(address):
    assert read(email=address).email == ""


def test_no_more_first_names_are_kept_than_the_register_may_give():
    assert read(given_name_array=["A"] * 3_000).first_names == ("A",) * 20
