"""Why a permit is not registered cannot be told by the time it takes: five causes, three hundred tries each."""

from __future__ import annotations

import math
import random
import time
from itertools import combinations
from statistics import median

import pytest
from django.utils import timezone

from parloir.permits.models import Attempt, Barred
from tests.factories import AccountFactory, EstablishmentFactory, PermitFactory, VisitorFactory
from tests.portal.test_permits import ADD, adult, monique, without_token
from tests.signed_in import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.soak]

TRIES = 300
FAR_APART = 3.9
"""Standard deviations of the rank sum: among the ten pairs, chance goes beyond once in a thousand runs."""


@pytest.fixture
def space():
    EstablishmentFactory(slug="ma-dijon", name="Maison d'arrêt de Dijon", phone="+33380664732")
    account = AccountFactory()
    barred = VisitorFactory(birth_name="PETIT", first_names=["Monique"], birth_date=monique().birth_date)
    Barred.objects.create(account=account, visitor=barred, at=timezone.now())
    known = PermitFactory(visitor=monique()).number
    child = monique()
    child.first_names, child.birth_date = ["Léo"], child.birth_date.replace(year=2020)
    child.save()
    causes = {
        "no such number": adult("0000"),
        "another name": adult(known, nom_naissance="Dupont"),
        "another birth date": adult(known, date_naissance_jour="9"),
        "barred": adult(PermitFactory(visitor=barred).number),
        "a child's": adult(PermitFactory(visitor=child).number, prenom="Léo", date_naissance_annee="2020"),
    }
    return signed_in(account), causes


def rank_distance(one, other):
    """Return how far apart two samples are, in standard deviations of their rank sum (Mann and Whitney)."""
    ranks = {place: rank for rank, place in enumerate(sorted([*one, *other]), start=1)}
    u = sum(ranks[value] for value in one) - len(one) * (len(one) + 1) / 2
    n, m = len(one), len(other)
    return (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)


def test_no_cause_is_known_by_its_time_or_its_bytes(space, pytestconfig):
    browser, causes = space
    browser.get(ADD)
    took, said = {cause: [] for cause in causes}, set()
    turns = random.Random(11)
    for _ in range(TRIES):
        for cause, typed in turns.sample(sorted(causes.items()), k=len(causes)):
            Attempt.objects.all().delete()
            began = time.perf_counter()
            answer = browser.post(ADD, typed)
            took[cause].append(time.perf_counter() - began)
            said.add((answer.status_code, without_token(answer)))

    far = {f"{a} / {b}": round(rank_distance(took[a], took[b]), 2) for a, b in combinations(took, 2)}
    terminal = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    terminal.write_line(str({cause: f"{median(times) * 1000:.2f} ms" for cause, times in took.items()}))
    terminal.write_line(str(far))
    assert len(said) == 1
    assert max(map(abs, far.values())) < FAR_APART
