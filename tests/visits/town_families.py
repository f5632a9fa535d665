"""What families and agents do in the town, and what time does."""

from __future__ import annotations

from parloir.establishments.rules import Channel
from parloir.visits.models import Draft, Hold, Visit
from parloir.visits.operations import (
    Change,
    Wish,
    book_visit,
    cancel_visit,
    change_visit,
    choose_people,
    confirm_draft,
    drop_draft,
    extend_hold,
    forget_old_drafts,
    free_expired_holds,
    hold_slots,
    withdraw_myself,
    withdraw_people,
)
from parloir.visits.rules import AllowanceKind
from tests.visits.town import AGENT, deed, registered, slot_for, some, someone


@deed
def hold(town, chance, now):
    account, detainee = someone(town, chance)
    slots = {slot_for(town, chance, detainee, now) for _ in range(chance.choice([1, 1, 2]))}
    mine = list(Visit.objects.filter(booker=account, detainee=detainee, status="booked").order_by("pk"))
    replaces = chance.choice([None, *mine]) if mine else None
    slots = {min(slots)} if replaces else slots
    return hold_slots(account=account, detainee_id=detainee.pk, slot_ids=slots, replaces=replaces, now=now)


def _a_draft(chance):
    drafts = list(Draft.objects.select_related("account").order_by("pk"))
    return chance.choice(drafts) if drafts else None


@deed
def extend(town, chance, now):
    draft = _a_draft(chance)
    return draft and extend_hold(account=draft.account, detainee_id=draft.detainee_id, now=now)


@deed
def choose(town, chance, now):
    draft = _a_draft(chance)
    if draft is None:
        return None
    permits = some(chance, registered(draft.account, draft.detainee_id), most=3)
    accessible = chance.randint(0, 3) == 0
    return choose_people(
        account=draft.account, detainee_id=draft.detainee_id, permit_ids=permits, accessible=accessible, now=now
    )


@deed
def confirm(town, chance, now):
    draft = _a_draft(chance)
    if draft is None:
        return None
    holds = list(Hold.objects.filter(draft=draft.pk))
    town.promised = bool(holds) and all(hold.held and hold.expires_at > now for hold in holds)
    return confirm_draft(
        account=draft.account,
        detainee_id=draft.detainee_id,
        slot_ids=[hold.slot_id for hold in holds],
        idempotency_key=f"key-{next(town.turns)}",
        now=now,
    )


@deed
def hold_and_confirm(town, chance, now):
    account, detainee = someone(town, chance)
    slots = [slot_for(town, chance, detainee, now)]
    hold_slots(account=account, detainee_id=detainee.pk, slot_ids=slots, now=now)
    permits = some(chance, registered(account, detainee), most=2)
    choose_people(account=account, detainee_id=detainee.pk, permit_ids=permits, now=now)
    key = f"key-{next(town.turns)}"
    return confirm_draft(account=account, detainee_id=detainee.pk, slot_ids=slots, idempotency_key=key, now=now)


@deed
def drop(town, chance, now):
    draft = _a_draft(chance)
    if draft is None:
        return None
    drop_draft(account=draft.account, detainee_id=draft.detainee_id, now=now)
    return draft


@deed
def book(town, chance, now):
    account, detainee = someone(town, chance)
    wish = Wish(
        detainee_id=detainee.pk,
        slot_id=slot_for(town, chance, detainee, now),
        permit_ids=frozenset(some(chance, registered(account, detainee), most=3)),
        idempotency_key=f"key-{chance.randint(0, 1)}-{now:%d}" if chance.randint(0, 4) == 0 else f"k{next(town.turns)}",
        accessible=chance.randint(0, 4) == 0,
    )
    return book_visit(booker=account, wish=wish, channel=chance.choice([Channel.ONLINE, Channel.KIOSK]), now=now)


@deed
def book_by_an_agent(town, chance, now):
    detainee = chance.choice(town.detainees)
    permits = [permit.pk for permit in town.permits if permit.detainee_id == detainee.pk]
    allowances = {kind: "Motif" for kind in AllowanceKind if chance.randint(0, 2) == 0}
    wish = Wish(
        detainee_id=detainee.pk,
        slot_id=slot_for(town, chance, detainee, now),
        permit_ids=frozenset(some(chance, permits, most=3)),
        idempotency_key=f"agent-{next(town.turns)}",
        accessible=chance.randint(0, 4) == 0,
        allowances=allowances,
    )
    booker = chance.choice([None, *town.accounts])
    return book_visit(booker=booker, wish=wish, channel=Channel.TELEPHONE, agent=AGENT, now=now)


def _a_visit(town, chance):
    visits = town.visits()
    return chance.choice(visits) if visits else None


@deed
def change(town, chance, now):
    visit = _a_visit(town, chance)
    if visit is None:
        return None
    by_agent = visit.booker_id is None or chance.randint(0, 3) == 0
    permits = [permit.pk for permit in town.permits if permit.detainee_id == visit.detainee_id]
    if not by_agent:
        permits = registered(visit.booker_id, visit.detainee_id)
    stays = chance.randint(0, 3) == 0
    wanted = Change(
        slot_id=visit.slot_id if stays else slot_for(town, chance, visit.detainee, now),
        permit_ids=frozenset(some(chance, permits, most=3)),
        accessible=chance.randint(0, 4) == 0,
    )
    return change_visit(
        booker=None if by_agent else visit.booker,
        visit_id=visit.pk,
        change=wanted,
        channel=Channel.DESK if by_agent else Channel.ONLINE,
        agent=AGENT if by_agent else None,
        now=now,
    )


@deed
def withdraw(town, chance, now):
    visit = _a_visit(town, chance)
    if visit is None or visit.booker is None:
        return None
    coming = list(visit.attendances.filter(live=True).order_by("pk").values_list("permit_id", flat=True))
    return withdraw_people(
        booker=visit.booker, visit_id=visit.pk, permit_ids=some(chance, coming, most=2) if coming else [], now=now
    )


@deed
def leave(town, chance, now):
    visit = _a_visit(town, chance)
    return visit and withdraw_myself(account=chance.choice(town.accounts), visit_id=visit.pk, now=now)


@deed
def cancel(town, chance, now):
    visit = _a_visit(town, chance)
    if visit is None:
        return None
    if visit.booker is None or chance.randint(0, 2) == 0:
        return cancel_visit(booker=None, visit_id=visit.pk, agent=AGENT, now=now)
    return cancel_visit(booker=visit.booker, visit_id=visit.pk, now=now)


# What time and the house do ----------------------------------------------------------------------


@deed
def sweep(town, chance, now):
    return free_expired_holds(now=now) + forget_old_drafts(now=now)
