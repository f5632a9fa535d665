"""Receive what the prisons' system of record tells, with all that follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from parloir.journal.operations import REGISTER, Act, record
from parloir.people.feed import (
    ACCEPTED,
    DetaineeLine,
    MovementKind,
    MovementLine,
    Outcome,
    RestrictionLine,
    becomes_convicted,
    category_before,
)
from parloir.people.feed import touches_visits as detainee_touches_visits
from parloir.people.operations.feed import DetaineeBook
from parloir.people.operations.feed_restrictions import RestrictionBook
from parloir.people.rules import Presence
from parloir.permits.feed import PermitLine, news_of
from parloir.permits.feed import touches_visits as permit_touches_visits
from parloir.permits.operations.feed import PermitBook, visited_under
from parloir.permits.operations.telling import tell_of_change
from parloir.review.operations import move_reviews
from parloir.review.queries import subjects_under_review
from parloir.review.rules import Cause, Subject
from parloir.visits.models import Attendance, Draft, Visit, WaitingEntry
from parloir.visits.operations.category import forget_conviction, warn_of_conviction
from parloir.visits.operations.disagreeing import ask_about_permit, forget_disagreement
from parloir.visits.operations.ending import judge_again
from parloir.visits.operations.to_judge import ToJudge
from parloir.visits.rules import VisitStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from parloir.people.operations.feed import DetaineeNews
    from parloir.permits.feed import Line
    from parloir.permits.operations.feed import PermitNews

_TURN = 7_210_001
"""The advisory lock by which imports take turns, batch by batch."""


JUDGED_AT_ONCE = 50
"""Of how many people a transaction judges the visits: families never wait long behind the places it frees."""


@transaction.atomic
def receive_register_lines(*, lines: Sequence[Line], now: datetime) -> list[Outcome]:
    """Apply lines of the register in order, each with all its consequences, in one transaction.

    Returns the fate of the first lines, at least one; the caller goes on with the rest. Visits are judged again
    together, last of all, so that locks are taken in order: a line that could hide what an earlier one did to the
    same visits is left to the next transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s::bigint)", [_TURN])
    reception = _Reception(lines, now)
    outcomes: list[Outcome] = []
    for line in lines:
        if reception.must_end_before(line):
            break
        outcomes.append(reception.apply(line))
    reception.write()
    return outcomes


class _Reception:
    """One batch: everything it concerns is locked, in the order of locks, before its first line."""

    def __init__(self, lines: Sequence[Line], now: datetime) -> None:
        self._now = now
        self._acts: list[Act] = []
        self._to_judge = ToJudge()
        self._detainees = _detainees_of(lines)
        self._permits = PermitBook(
            self._detainees,
            lines=[line for line in lines if isinstance(line, PermitLine)],
            released=self._concerned_by([line for line in lines if _is_release(line)], lines),
        )
        self._restrictions = RestrictionBook(
            self._detainees,
            detainee_ids=self._concerned_by([line for line in lines if isinstance(line, RestrictionLine)], lines),
        )
        self._visited = _with_something_in_hand([card.id for card in self._detainees.cards], now)
        self._reviewed = subjects_under_review(
            subject_kind="detainee",
            subject_ids=[card.id for card in self._detainees.cards],
            causes=[Cause.CATEGORY_CHANGED],
        )
        self._disputed = subjects_under_review(
            subject_kind="permit", subject_ids=self._permits.known_ids, causes=[Cause.PERMIT_DISAGREES]
        )

    def apply(self, line: Line) -> Outcome:
        """Apply one line and its consequences; nothing of a line that is not news."""
        match line:
            case DetaineeLine():
                return self._apply_detainee(line)
            case MovementLine():
                return self._apply_movement(line)
            case PermitLine():
                return self._apply_permit(line)
            case _:
                return self._apply_restriction(line)

    def must_end_before(self, line: Line) -> bool:
        """Tell whether visits are to be judged before a line, because it may change again what they are judged on."""
        if not self._to_judge:
            return False
        if len(self._to_judge) >= JUDGED_AT_ONCE:
            return True
        if isinstance(line, PermitLine):
            permit = self._permits.card(line.number)
            return self._permits.ages(line) or (
                permit is not None and self._to_judge.hinges_on(permit.known.detainee_id, permit.id)
            )
        card = self._detainees.holder(line.committal_number, line.clock.at)
        return card is not None and card.id in self._to_judge

    def write(self) -> None:
        """Write what the lines changed, and the journal; then end the visits that no longer hold."""
        self._detainees.write()
        self._permits.write()
        self._restrictions.write()
        record(actor=REGISTER, acts=self._acts, at=self._now)
        if self._to_judge:
            judge_again(
                detainee_ids=self._to_judge.detainee_ids,
                categories_before=self._to_judge.categories_before,
                now=self._now,
            )

    def _apply_detainee(self, line: DetaineeLine) -> Outcome:
        news = self._detainees.apply_detainee(line, now=self._now)
        if isinstance(news, Outcome):
            return news
        self._acts.append(Act("register.detainee", "detainee", news.card.id))
        self._follow_reviews(news)
        self._judge_visits_again(news)
        return ACCEPTED

    def _apply_movement(self, line: MovementLine) -> Outcome:
        news = self._detainees.apply_movement(line)
        if isinstance(news, Outcome):
            return news
        if line.kind is MovementKind.RELEASE:
            self._permits.close(news.card, released_at=line.clock.at)
        self._acts.append(Act("register.movement", "detainee", news.card.id, {"kind": line.kind}))
        self._follow_reviews(news)
        self._judge_visits_again(news, permits_closed=line.kind is MovementKind.RELEASE)
        return ACCEPTED

    def _apply_permit(self, line: PermitLine) -> Outcome:
        news = self._permits.apply(line, now=self._now)
        if isinstance(news, Outcome):
            return news
        self._acts.append(Act("register.permit", "permit", news.permit.id))
        news_told = news_of(news.before, news.permit.known)
        is_told = news_told is not None and tell_of_change(
            permit_id=news.permit.id, known=news.permit.known, news=news_told, now=self._now
        )
        self._follow_disagreement(news, is_told=is_told)
        if permit_touches_visits(news.before, news.permit.known):
            self._to_judge.add({news.permit.known.detainee_id} & self._visited, permit_id=news.permit.id)
        if news.visitor_aged is not None:
            self._to_judge.add(_visited_by(news.visitor_aged, self._now))
        return ACCEPTED

    def _apply_restriction(self, line: RestrictionLine) -> Outcome:
        card = self._restrictions.apply(line)
        if isinstance(card, Outcome):
            return card
        self._acts.append(Act("register.restriction", "detainee", card.id, {"kind": line.kind}))
        self._to_judge.add({card.id} & self._visited)
        return ACCEPTED

    def _judge_visits_again(self, news: DetaineeNews, *, permits_closed: bool = False) -> None:
        """Have judged what may no longer hold for a person; a line that changes nothing for visits costs nothing."""
        before, after = news.before, news.card.known
        if permits_closed or detainee_touches_visits(before, after):
            self._to_judge.add({news.card.id} & self._visited, category_before=category_before(before, after))

    def _follow_reviews(self, news: DetaineeNews) -> None:
        """Leave to the prison what a conviction means for permits, as long as it concerns that prison."""
        before, after, detainee_id = news.before, news.card.known, news.card.id
        if becomes_convicted(before, after):
            warn_of_conviction(detainee_id=detainee_id, establishment_id=after.establishment_id, now=self._now)
            self._reviewed.add(detainee_id)
        elif detainee_id not in self._reviewed:
            return
        elif after.presence is Presence.RELEASED or not after.category.is_convicted_regime:
            forget_conviction(detainee_id=detainee_id, now=self._now)
            self._reviewed.discard(detainee_id)
        else:
            move_reviews(subject=Subject("detainee", detainee_id), establishment_id=after.establishment_id)

    def _follow_disagreement(self, news: PermitNews, *, is_told: bool) -> None:
        """Leave to the prison a permit closed under other names than it has, until a line agrees again."""
        permit_id = news.permit.id
        owner = self._detainees.card(news.permit.known.detainee_id)
        if news.disagrees and owner:
            ask_about_permit(
                permit_id=permit_id, establishment_id=owner.known.establishment_id, is_told=is_told, now=self._now
            )
            self._disputed.add(permit_id)
        elif permit_id in self._disputed:
            forget_disagreement(permit_id=permit_id, now=self._now)
            self._disputed.discard(permit_id)

    def _concerned_by(self, some: Sequence[Line], lines: Sequence[Line]) -> set[int]:
        """Return whom some lines of the batch may concern, even under a number that the batch itself gives."""
        if not some:
            return set()
        renumbered = {line.committal_number for line in lines if isinstance(line, MovementLine) and _renumbers(line)}
        return self._detainees.ids_named({line.committal_number for line in some} | renumbered)


def _detainees_of(lines: Sequence[Line]) -> DetaineeBook:
    """Lock the detained persons whom a batch names, by any number."""
    numbers = {line.committal_number for line in lines}
    numbers |= {number for line in lines if isinstance(line, MovementLine) and (number := line.new_committal_number)}
    places = [line.place for line in lines if isinstance(line, DetaineeLine | MovementLine) and line.place]
    newcomers = {line.committal_number for line in lines if isinstance(line, DetaineeLine)}
    # A line that closes a permit is applied whomever else it names.
    owners = visited_under({line.number for line in lines if isinstance(line, PermitLine) and line.closes})
    return DetaineeBook(numbers=numbers, ids=owners, places=places, newcomers=newcomers)


def _is_release(line: Line) -> bool:
    return isinstance(line, MovementLine) and line.kind is MovementKind.RELEASE


def _renumbers(line: MovementLine) -> bool:
    return line.new_committal_number is not None


def _with_something_in_hand(detainee_ids: Collection[int], now: datetime) -> set[int]:
    """Return for which of these persons families have visits booked, drafts or waits; under their locks, none is added.

    An offer is made to somebody who waits.
    """
    if not detainee_ids:
        return set()
    booked = Visit.objects.filter(
        detainee__id__any_of=detainee_ids, status=VisitStatus.BOOKED, during__startswith__gt=now
    ).values_list("detainee_id", flat=True)
    drafts = Draft.objects.filter(detainee__id__any_of=detainee_ids).values_list("detainee_id", flat=True)
    waits = WaitingEntry.objects.filter(detainee__id__any_of=detainee_ids, ended_at__isnull=True)
    return set(booked.union(drafts, waits.values_list("detainee_id", flat=True)))


def _visited_by(visitor_id: int, now: datetime) -> set[int]:
    """Return whom a visitor is to visit."""
    to_come = Attendance.objects.filter(visitor=visitor_id, live=True, visit__during__startswith__gt=now)
    return set(to_come.values_list("visit__detainee_id", flat=True))
