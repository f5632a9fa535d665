"""What the register tells of the town's people."""

from __future__ import annotations

from datetime import date, timedelta

from parloir.establishments.rules import PenalCategory
from parloir.people.feed import CivilStatus, DetaineeLine, MovementKind, MovementLine, PlaceName, RestrictionLine
from parloir.people.rules import RestrictionKind
from parloir.permits.feed import PermitLine, Terms
from parloir.permits.models import Permit
from parloir.permits.rules import Authority, PermitStatus, Relationship
from parloir.visits.operations.receiving import receive_register_lines
from tests.visits.town import deed


def _tell(now, *lines):
    return receive_register_lines(lines=lines, now=now)


def _movement(town, detainee, kind, **about):
    return MovementLine(clock=town.clock(), committal_number=detainee.committal_number, kind=kind, **about)


@deed
def transfer(town, chance, now):
    wing = chance.choice(town.wings)
    line = _movement(
        town,
        chance.choice(town.detainees),
        MovementKind.TRANSFER,
        place=PlaceName(wing.establishment.slug, wing.code),
        disclose_from=now.date() + timedelta(days=2) if chance.randint(0, 3) == 0 else None,
    )
    return _tell(now, line)


@deed
def move(town, chance, now):
    kinds = [MovementKind.HOSPITAL, MovementKind.DISCIPLINARY, MovementKind.RETURN, MovementKind.RETURN]
    return _tell(now, _movement(town, chance.choice(town.detainees), chance.choice(kinds)))


@deed
def move_several(town, chance, now):
    """One batch judges the visits of several people together."""
    kinds = [MovementKind.HOSPITAL, MovementKind.DISCIPLINARY, MovementKind.RETURN]
    people = chance.sample(town.detainees, min(3, len(town.detainees)))
    return _tell(now, *(_movement(town, detainee, chance.choice(kinds)) for detainee in people))


def to_hospital(town, detainee, now):
    """Tell that somebody is taken to hospital."""
    return _tell(now, _movement(town, detainee, MovementKind.HOSPITAL))


@deed
def release_and_commit_again(town, chance, now):
    """A release alone would leave the town without anybody to visit; most permits are told anew."""
    detainee = chance.choice(town.detainees)
    _tell(now, _movement(town, detainee, MovementKind.RELEASE))
    wing = chance.choice(town.wings)
    line = DetaineeLine(
        clock=town.clock(),
        committal_number=detainee.committal_number,
        place=PlaceName(wing.establishment.slug, wing.code),
        civil=CivilStatus("MARTIN", "", ("Paul",), date(1990, 4, 12)),
        category=chance.choice(list(PenalCategory)),
    )
    _tell(now, line)
    mine = [permit.pk for permit in town.permits if permit.detainee_id == detainee.pk]
    return _tell(now, *(_permit_line(town, pk, now) for pk in mine if chance.randint(0, 4)))


@deed
def tell_of_a_permit(town, chance, now):
    """Suspended, withdrawn, limited, on some days only, separated; mostly in force, or nothing would be booked."""
    status = chance.choice([PermitStatus.ACTIVE] * 4 + [PermitStatus.SUSPENDED, PermitStatus.WITHDRAWN])
    suspended = status is PermitStatus.SUSPENDED and chance.randint(0, 1)
    line = _permit_line(
        town,
        chance.choice(town.permits).pk,
        now,
        status=status,
        suspended_until=now.date() + timedelta(days=chance.randint(0, 9)) if suspended else None,
        valid_until=now.date() + timedelta(days=chance.randint(1, 9)) if chance.randint(0, 5) == 0 else None,
        visits_allowed=chance.choice([None, None, 1, 3]),
        weekdays=chance.choice([None, None, None, (7,)]),
        separated=chance.randint(0, 9) == 0,
    )
    return _tell(now, line)


def _permit_line(town, permit_id, now, **about):
    """Return a line that tells of a permit, in force and without conditions unless said otherwise."""
    permit = Permit.objects.select_related("visitor", "detainee").get(pk=permit_id)
    terms = {
        "status": PermitStatus.ACTIVE,
        "suspended_until": None,
        "issued_by": Authority.INVESTIGATING_JUDGE,
        "relationship": Relationship.PARTNER,
        "valid_from": date(2026, 10, 1),
        "valid_until": None,
        "visits_allowed": None,
        "weekdays": None,
        "separated": False,
        "alone_from_16": permit.alone_from_16,
    }
    visitor = permit.visitor
    civil = CivilStatus(visitor.birth_name, visitor.use_name, tuple(visitor.first_names), visitor.birth_date)
    number = permit.detainee.committal_number
    return PermitLine(town.clock(), permit.number, number, Terms(**{**terms, **about}), visitor.register_id, civil)


@deed
def forbid(town, chance, now):
    detainee = chance.choice(town.detainees)
    since = now.date() + timedelta(days=chance.randint(-1, 5))
    line = RestrictionLine(
        clock=town.clock(),
        committal_number=detainee.committal_number,
        kind=chance.choice(list(RestrictionKind)),
        since=since,
        until=since + timedelta(days=chance.randint(-1, 2)),
    )
    return _tell(now, line)
