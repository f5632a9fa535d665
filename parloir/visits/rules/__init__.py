"""The rules of visits, decided from facts alone. No Django, no database, no clock here."""

from parloir.visits.rules.booking import (
    latest_beyond,
    reasons_to_end,
    reasons_to_refuse,
    reasons_to_refuse_cancelling,
    reasons_to_refuse_changing,
    reasons_to_refuse_party,
    reasons_to_refuse_person,
    reasons_to_refuse_slot,
    weekly_maximum,
)
from parloir.visits.rules.codes import (
    LIVE_OFFERS,
    AllowanceKind,
    CancelledBy,
    Code,
    OfferState,
    Refusal,
    VisitStatus,
    WaitEnd,
)
from parloir.visits.rules.ending import HOLDS, REVIEWED, CapacityChoice, Fate, fate_of
from parloir.visits.rules.facts import BookingFacts, DetaineeFacts, PersonFacts, RestrictionFacts, SlotFacts
from parloir.visits.rules.holding import (
    DRAFTS_KEPT_FOR,
    HOLDS_PER_ACCOUNT,
    HOLDS_PER_PERMIT,
    expiry_of_hold,
    reasons_to_refuse_extending,
    reasons_to_refuse_holding,
)
from parloir.visits.rules.references import ALPHABET, as_reference, new_reference
from parloir.visits.rules.times import closes_at, monday_of, opens_at, visit_is_given_back
from parloir.visits.rules.why_not import CODE_GOOD_FOR, CODES_COUNTED_FOR, CODES_PER_HOUR, as_code, new_code

__all__ = [
    "ALPHABET",
    "CODES_COUNTED_FOR",
    "CODES_PER_HOUR",
    "CODE_GOOD_FOR",
    "DRAFTS_KEPT_FOR",
    "HOLDS",
    "HOLDS_PER_ACCOUNT",
    "HOLDS_PER_PERMIT",
    "LIVE_OFFERS",
    "REVIEWED",
    "AllowanceKind",
    "BookingFacts",
    "CancelledBy",
    "CapacityChoice",
    "Code",
    "DetaineeFacts",
    "Fate",
    "OfferState",
    "PersonFacts",
    "Refusal",
    "RestrictionFacts",
    "SlotFacts",
    "VisitStatus",
    "WaitEnd",
    "as_code",
    "as_reference",
    "closes_at",
    "expiry_of_hold",
    "fate_of",
    "latest_beyond",
    "monday_of",
    "new_code",
    "new_reference",
    "opens_at",
    "reasons_to_end",
    "reasons_to_refuse",
    "reasons_to_refuse_cancelling",
    "reasons_to_refuse_changing",
    "reasons_to_refuse_extending",
    "reasons_to_refuse_holding",
    "reasons_to_refuse_party",
    "reasons_to_refuse_person",
    "reasons_to_refuse_slot",
    "visit_is_given_back",
    "weekly_maximum",
]
