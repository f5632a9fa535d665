"""What can be done to a visit: this package alone writes visits and the counters of slots."""

from parloir.visits.operations.booking import Wish, book_visit
from parloir.visits.operations.cancelling import cancel_visit
from parloir.visits.operations.ending import end_visits_that_no_longer_hold
from parloir.visits.operations.refused import VisitRefused

__all__ = ["VisitRefused", "Wish", "book_visit", "cancel_visit", "end_visits_that_no_longer_hold"]
