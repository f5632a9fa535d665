"""Drafts and waits name each person by one permit: those with a renewed permit beside the old one had both."""

from django.db import migrations

_ONCE = """
UPDATE {table} t SET permit_ids = once.ids FROM (
    SELECT w.id, array_agg(w.permit ORDER BY w.permit) AS ids FROM (
        SELECT DISTINCT ON (e.id, coalesce(p.visitor_id, -u.permit)) e.id, u.permit
        FROM {table} e, unnest(e.permit_ids) AS u(permit) LEFT JOIN permits_permit p ON p.id = u.permit
        ORDER BY e.id, coalesce(p.visitor_id, -u.permit), u.permit
    ) w GROUP BY w.id
) once WHERE once.id = t.id AND cardinality(once.ids) < cardinality(t.permit_ids)
"""


class Migration(migrations.Migration):
    """Keep, of several permits of one person, the one with the lowest id."""

    dependencies = [("visits", "0007_coarse_anonymous_visits"), ("permits", "0001_permits")]
    operations = [
        migrations.RunSQL(_ONCE.format(table=table), migrations.RunSQL.noop)
        for table in ("visits_draft", "visits_waitingentry")
    ]
