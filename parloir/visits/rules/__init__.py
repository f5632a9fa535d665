"""The rules of visits, decided from facts alone. No Django, no database, no clock here."""

from parloir.visits.rules.booking import (
    latest_beyond,
    reasons_to_end,
    reasons_to_refuse,
    reasons_to_refuse_cancelling,
    reasons_to_refuse_person,
    reasons_to_refuse_slot,
    weekly_maximum,
)
from parloir.visits.rules.codes import CancelledBy, Code, Refusal, VisitStatus
from parloir.visits.rules.facts import BookingFacts, DetaineeFacts, PersonFacts, RestrictionFacts, SlotFacts
from parloir.visits.rules.references import ALPHABET, as_reference, new_reference
from parloir.visits.rules.times import closes_at, monday_of, opens_at, visit_is_given_back

__all__ = [
    "ALPHABET",
    "BookingFacts",
    "CancelledBy",
    "Code",
    "DetaineeFacts",
    "PersonFacts",
    "Refusal",
    "RestrictionFacts",
    "SlotFacts",
    "VisitStatus",
    "as_reference",
    "closes_at",
    "latest_beyond",
    "monday_of",
    "new_reference",
    "opens_at",
    "reasons_to_end",
    "reasons_to_refuse",
    "reasons_to_refuse_cancelling",
    "reasons_to_refuse_person",
    "reasons_to_refuse_slot",
    "visit_is_given_back",
    "weekly_maximum",
]
