"""What can be done to a visit: this package alone writes visits and the counters of slots."""

from parloir.visits.operations.anonymising import anonymise_old_visits
from parloir.visits.operations.booking import Wish, book_visit
from parloir.visits.operations.cancelling import cancel_visit, withdraw_myself, withdraw_people
from parloir.visits.operations.capacity import CapacityRefused, change_capacity, change_session
from parloir.visits.operations.changing import Change, change_visit
from parloir.visits.operations.closing import apply_policy, close_days, reopen_days, withdraw_session
from parloir.visits.operations.confirming import choose_people, confirm_draft
from parloir.visits.operations.demand import tally_search, tally_unmet_demand
from parloir.visits.operations.ending import judge_again
from parloir.visits.operations.erasing import erase_account, forget_erased_accounts
from parloir.visits.operations.forgetting import forget_old_waits
from parloir.visits.operations.holding import Held, drop_draft, extend_hold, hold_slots
from parloir.visits.operations.offering import (
    accept_offer,
    decline_offer,
    expire_offers,
    offer_free_places,
    offer_new_places,
    offer_place,
)
from parloir.visits.operations.openings import ask_to_be_told_of_opening, tell_openings
from parloir.visits.operations.refused import VisitRefused
from parloir.visits.operations.reminding import choose_sms, plan_again, plan_reminders
from parloir.visits.operations.reviewing import (
    cancel_reviewed_visit,
    close_calls_past_use,
    decide_overdue_reviews,
    keep_reviewed_visit,
    note_that_nobody_was_told,
)
from parloir.visits.operations.sweeping import forget_old_drafts, free_expired_holds
from parloir.visits.operations.telling import tell_again_in_full
from parloir.visits.operations.waiting import (
    WaitingWish,
    join_waiting_list,
    leave_waiting_list,
    wait_first_after_transfer,
)
from parloir.visits.operations.waits import end_waits_that_are_over, follow_those_who_moved
from parloir.visits.operations.why_not import explain_why_not, forget_old_codes, give_why_not_code

__all__ = [
    "CapacityRefused",
    "Change",
    "Held",
    "VisitRefused",
    "WaitingWish",
    "Wish",
    "accept_offer",
    "anonymise_old_visits",
    "apply_policy",
    "ask_to_be_told_of_opening",
    "book_visit",
    "cancel_reviewed_visit",
    "cancel_visit",
    "change_capacity",
    "change_session",
    "change_visit",
    "choose_people",
    "choose_sms",
    "close_calls_past_use",
    "close_days",
    "confirm_draft",
    "decide_overdue_reviews",
    "decline_offer",
    "drop_draft",
    "end_waits_that_are_over",
    "erase_account",
    "expire_offers",
    "explain_why_not",
    "extend_hold",
    "follow_those_who_moved",
    "forget_erased_accounts",
    "forget_old_codes",
    "forget_old_drafts",
    "forget_old_waits",
    "free_expired_holds",
    "give_why_not_code",
    "hold_slots",
    "join_waiting_list",
    "judge_again",
    "keep_reviewed_visit",
    "leave_waiting_list",
    "note_that_nobody_was_told",
    "offer_free_places",
    "offer_new_places",
    "offer_place",
    "plan_again",
    "plan_reminders",
    "reopen_days",
    "tally_search",
    "tally_unmet_demand",
    "tell_again_in_full",
    "tell_openings",
    "wait_first_after_transfer",
    "withdraw_myself",
    "withdraw_people",
    "withdraw_session",
]
