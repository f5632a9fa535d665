"""What must hold in the database whatever happened: each is a count of what breaks it, and must be 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_LIVE = "v.status <> 'cancelled'"
_TO_COME = "v.status = 'booked' AND lower(v.during) > %(now)s"

_REVIEWED = """EXISTS (SELECT FROM review_entry r
    WHERE r.subject_kind = 'visit' AND r.subject_id = v.id AND r.cause = '{cause}'
    AND (r.closed_at IS NULL OR r.closing = 'decided'))"""
"""A visit that waits for a human, or that one has decided to keep."""
_HOSPITAL, _RESTRICTED = _REVIEWED.format(cause="hospital"), _REVIEWED.format(cause="restricted")
_PLACES = f"""
    SELECT slot_id, accessible FROM visits_visit v WHERE {_LIVE}
    UNION ALL SELECT slot_id, accessible FROM visits_hold WHERE held
    UNION ALL SELECT slot_id, accessible FROM visits_offer WHERE state IN ('reserved', 'open')"""

_NOBODYS = "v.anonymised_at IS NOT NULL"
_PAST = f"""SELECT slot_id FROM visits_visit v GROUP BY slot_id HAVING bool_and({_NOBODYS})"""
"""The slots whose every visit is nobody's."""

INVARIANTS: dict[str, str] = {
    "slot_counter_is_its_visits_holds_and_offers": f"""
        SELECT count(*) FROM timetable_slot s
        LEFT JOIN (SELECT slot_id, count(*) AS n, count(*) FILTER (WHERE accessible) AS cabins FROM ({_PLACES}) p
            GROUP BY 1) sold ON sold.slot_id = s.id
        WHERE s.taken <> coalesce(sold.n, 0) OR s.accessible_taken <> coalesce(sold.cabins, 0)""",
    "slot_is_not_oversold": """
        SELECT count(*) FROM timetable_slot WHERE taken > capacity + overbooked OR taken < 0""",
    "accessible_cabin_is_not_oversold": """
        SELECT count(*) FROM timetable_slot WHERE accessible_taken > accessible_capacity""",
    "overbooked_place_was_allowed": """
        SELECT count(*) FROM timetable_slot s WHERE s.overbooked > greatest(0, s.taken - s.capacity)
        OR s.overbooked > (SELECT coalesce(sum(a.places), 0) FROM visits_allowance a
            WHERE a.slot_id = s.id AND a.kind = 'overbooking')""",
    "hold_in_time_is_of_its_detainee_s_wing": """
        SELECT count(*) FROM visits_hold h JOIN visits_draft d ON d.id = h.draft_id
        JOIN people_detainee p ON p.id = d.detainee_id JOIN timetable_slot s ON s.id = h.slot_id
        WHERE h.held AND h.expires_at > %(now)s AND s.wing_id <> p.wing_id""",
    "visit_repeats_its_slot": f"""
        SELECT count(*) FROM visits_visit v JOIN timetable_slot s ON s.id = v.slot_id
        WHERE {_LIVE} AND (v.local_date <> s.local_date
            OR v.week <> date_trunc('week', s.local_date::timestamp)::date
            OR lower(v.during) <> s.starts_at OR upper(v.during) <> s.ends_at)""",
    "slot_day_is_local_to_its_prison": """
        SELECT count(*) FROM timetable_slot s
        JOIN establishments_wing w ON w.id = s.wing_id JOIN establishments_establishment e ON e.id = w.establishment_id
        WHERE s.local_date <> (s.starts_at AT TIME ZONE e.time_zone)::date""",
    "detainee_is_not_visited_twice_at_once": f"""
        SELECT count(*) FROM visits_visit v JOIN visits_visit o ON o.detainee_id = v.detainee_id AND o.id > v.id
        AND o.during && v.during AND o.status <> 'cancelled' WHERE {_LIVE}""",
    "visitor_is_not_twice_at_once": """
        SELECT count(*) FROM visits_attendance a JOIN visits_attendance o
        ON o.visitor_id = a.visitor_id AND o.id > a.id AND o.during && a.during AND o.live WHERE a.live""",
    "attendance_follows_its_visit": f"""
        SELECT count(*) FROM visits_attendance a JOIN visits_visit v ON v.id = a.visit_id
        WHERE (a.live AND NOT ({_LIVE})) OR a.during <> v.during OR (a.live AND NOT a.debits)""",
    "attendance_is_of_a_permit_for_this_detainee_and_visitor": """
        SELECT count(*) FROM visits_attendance a JOIN visits_visit v ON v.id = a.visit_id
        JOIN permits_permit p ON p.id = a.permit_id
        WHERE p.detainee_id <> v.detainee_id OR p.visitor_id <> a.visitor_id""",
    "visit_has_someone_attending": f"""
        SELECT count(*) FROM visits_visit v WHERE v.anonymised_at IS NULL
        AND NOT EXISTS (SELECT FROM visits_attendance a WHERE a.visit_id = v.id AND (a.live OR NOT ({_LIVE})))""",
    "anonymous_visit_is_nobody_s": """
        SELECT count(*) FROM visits_visit v WHERE v.anonymised_at IS NOT NULL
        AND (v.booker_id IS NOT NULL OR v.detainee_id IS NOT NULL OR v.change_key <> '' OR lower(v.during) > %(now)s
            OR EXISTS (SELECT FROM visits_attendance a WHERE a.visit_id = v.id))""",
    "nothing_leads_from_an_anonymous_visit_to_an_account": f"""
        SELECT (SELECT count(*) FROM journal_link l JOIN visits_visit v ON v.id = l.target_id
            WHERE l.kind = 'visit' AND {_NOBODYS})
        + (SELECT count(*) FROM journal_link l JOIN ({_PAST}) s ON s.slot_id = l.target_id
            JOIN journal_link p ON p.entry_id = l.entry_id AND p.kind IN ('account', 'offer', 'detainee', 'permit')
            WHERE l.kind = 'slot')
        + (SELECT count(*) FROM visits_offer o JOIN ({_PAST}) s USING (slot_id) WHERE o.entry_id IS NOT NULL)
        + (SELECT count(*) FROM visits_hold h JOIN ({_PAST}) s USING (slot_id))
        + (SELECT count(*) FROM visits_whynot w JOIN ({_PAST}) s USING (slot_id))
        + (SELECT count(*) FROM visits_draft d JOIN visits_visit v ON v.id = d.replaces_id WHERE {_NOBODYS})
        + (SELECT count(*) FROM visits_visit v WHERE {_NOBODYS} AND v.trip_id IS NOT NULL)
        + (SELECT count(*) FROM visits_visit o JOIN visits_visit v ON v.id = o.trip_id WHERE {_NOBODYS})
        + (SELECT count(*) FROM notifications_delivery d JOIN visits_visit v
            ON d.dedup_key ~>=~ ('visit-' || v.id || '-') AND d.dedup_key ~<~ ('visit-' || v.id || '.')
            WHERE {_NOBODYS})
        + (SELECT count(*) FROM review_entry r JOIN visits_visit v ON v.id = r.subject_id
            WHERE r.subject_kind = 'visit' AND {_NOBODYS})""",
    "anonymous_visit_is_coarse": f"""
        SELECT count(*) FROM visits_visit v LEFT JOIN visits_allowance a ON a.visit_id = v.id WHERE {_NOBODYS}
        AND (v.accessible OR v.sms_reminder OR v.cancel_cause <> '' OR v.reference <> '-' || v.id
            OR v.booked_at <> date_trunc('day', v.booked_at, 'UTC')
            OR v.cancelled_at <> date_trunc('day', v.cancelled_at, 'UTC') OR a.at <> date_trunc('day', a.at, 'UTC'))""",
    "visit_to_come_is_in_the_detainee_s_wing": f"""
        SELECT count(*) FROM visits_visit v JOIN timetable_slot s ON s.id = v.slot_id
        JOIN people_detainee d ON d.id = v.detainee_id WHERE {_TO_COME} AND s.wing_id <> d.wing_id""",
    "visit_to_come_is_of_someone_present": f"""
        SELECT count(*) FROM visits_visit v JOIN people_detainee d ON d.id = v.detainee_id
        WHERE {_TO_COME} AND (d.presence = 'released' OR (d.presence = 'hospital' AND NOT ({_HOSPITAL})))""",
    "visit_to_come_is_not_forbidden": f"""
        SELECT count(*) FROM visits_visit v JOIN people_restriction f ON f.detainee_id = v.detainee_id
        AND v.local_date BETWEEN f.since AND f.until WHERE {_TO_COME} AND NOT ({_RESTRICTED})""",
    "visit_to_come_is_on_permits_in_force": f"""
        SELECT count(*) FROM visits_visit v JOIN visits_attendance a ON a.visit_id = v.id AND a.live
        JOIN permits_permit p ON p.id = a.permit_id
        WHERE {_TO_COME} AND (p.closed_at IS NOT NULL OR p.status = 'withdrawn'
            OR (p.separated AND NOT EXISTS (
                SELECT FROM timetable_slot s WHERE s.id = v.slot_id AND s.kind = 'hygiaphone'))
            OR (p.status = 'suspended' AND coalesce(p.suspended_until, 'infinity') >= v.local_date)
            OR v.local_date < p.valid_from OR v.local_date > coalesce(p.valid_until, 'infinity')
            OR NOT (extract(isodow FROM v.local_date)::int = ANY(coalesce(p.weekdays, '{{1,2,3,4,5,6,7}}'))))""",
    "limited_permit_is_not_exceeded": """
        SELECT count(*) FROM permits_permit p WHERE p.visits_allowed IS NOT NULL AND p.visits_allowed <
        (SELECT count(*) FROM visits_attendance a WHERE a.permit_id = p.id AND a.debits)
        + coalesce((SELECT u.visits FROM visits_pastuse u WHERE u.permit_id = p.id), 0)
        AND EXISTS (SELECT FROM visits_attendance a JOIN visits_visit v ON v.id = a.visit_id
            WHERE a.permit_id = p.id AND a.live AND v.status = 'booked' AND lower(v.during) > %(now)s)""",
    "booked_visit_has_its_message": """
        SELECT count(*) FROM visits_visit v WHERE v.status = 'booked' AND v.booker_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM procrastinate_jobs j WHERE j.lock = 'visit-' || coalesce(v.trip_id, v.id))
        AND NOT EXISTS (SELECT FROM notifications_delivery d
            WHERE d.dedup_key = 'visit-' || coalesce(v.trip_id, v.id) || '-booked-' || v.booker_id)""",
    "open_offer_is_of_a_family_that_waits": """
        SELECT count(*) FROM visits_offer o JOIN visits_waitingentry w ON w.id = o.entry_id
        WHERE o.state = 'open' AND w.ended_at IS NOT NULL""",
    "open_offer_has_its_message": """
        SELECT count(*) FROM visits_offer o WHERE o.state = 'open'
        AND NOT EXISTS (SELECT FROM procrastinate_jobs j WHERE j.lock = 'offer-' || o.id)
        AND NOT EXISTS (SELECT FROM notifications_delivery d WHERE d.dedup_key = 'offer-' || o.id)""",
    "offer_is_over_when_its_slot_has_begun": """
        SELECT count(*) FROM visits_offer o JOIN timetable_slot s ON s.id = o.slot_id
        WHERE o.state IN ('reserved', 'open') AND s.starts_at < %(now)s::timestamptz - interval '1 hour'""",
    "family_is_offered_a_slot_once": """
        SELECT count(*) FROM (SELECT FROM visits_offer o JOIN visits_waitingentry w ON w.id = o.entry_id
            GROUP BY o.slot_id, w.account_id, w.detainee_id HAVING count(*) > 1) again""",
    "visit_that_waits_for_a_decision_is_booked": """
        SELECT count(*) FROM review_entry r LEFT JOIN visits_visit v ON v.id = r.subject_id
        WHERE r.subject_kind = 'visit' AND r.cause <> 'nobody_told' AND r.closed_at IS NULL
        AND (v.id IS NULL OR v.status <> 'booked')""",
    "wing_has_its_policy": """
        SELECT count(*) FROM establishments_wing w
        WHERE NOT EXISTS (SELECT FROM establishments_bookingpolicy p WHERE p.wing_id = w.id)""",
}


def broken_invariants(*, now: datetime) -> Iterator[tuple[str, int]]:
    """Recount everything; yield each invariant's name and how many rows break it."""
    with connection.cursor() as cursor:
        for name, sql in INVARIANTS.items():
            cursor.execute(sql, {"now": now} if "%(now)s" in sql else {})
            yield name, int(cursor.fetchone()[0])
