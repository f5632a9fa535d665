"""An official service never starts on invented hours."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from parloir.timetable.checks import OFFICIAL_WITH_FICTION, no_fiction_under_official
from parloir.timetable.queries import fictional_rows_exist
from tests.factories import SessionFactory, SlotFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("factory", [SessionFactory, SlotFactory])
def test_official_is_refused_while_a_fictional_row_exists(settings, factory):
    factory(fictional=True)
    settings.OFFICIAL = True

    assert no_fiction_under_official(databases=["default"]) == [OFFICIAL_WITH_FICTION]
    with pytest.raises(SystemCheckError, match=r"timetable\.E001"):
        call_command("check", databases=["default"])


def test_real_hours_are_official(settings):
    SessionFactory()
    SlotFactory()
    settings.OFFICIAL = True

    assert fictional_rows_exist() is False
    assert no_fiction_under_official(databases=["default"]) == []


def test_the_demonstration_may_invent_hours(settings):
    SessionFactory(fictional=True)
    settings.OFFICIAL = False

    assert fictional_rows_exist() is True
    assert no_fiction_under_official(databases=["default"]) == []


def test_a_check_that_may_not_read_the_database_does_not(settings, django_assert_num_queries):
    settings.OFFICIAL = True

    with django_assert_num_queries(0):
        assert no_fiction_under_official(databases=None) == []
