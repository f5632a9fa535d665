"""Backfill: who is barred from a permit is barred from all of its holder's, once; those still there are taken out."""

from django.db import migrations

STEPS = [
    "UPDATE permits_barred b SET visitor_id = p.visitor_id FROM permits_permit p WHERE p.id = b.permit_id",
    "DELETE FROM permits_barred b USING permits_barred o"
    " WHERE o.account_id = b.account_id AND o.visitor_id = b.visitor_id AND o.id < b.id",
    "DELETE FROM permits_registration r USING permits_permit p, permits_barred b"
    " WHERE p.id = r.permit_id AND b.account_id = r.account_id AND b.visitor_id = p.visitor_id",
]


class Migration(migrations.Migration):

    dependencies = [
        ("permits", "0003_bars_of_persons"),
    ]

    operations = [migrations.RunSQL(STEPS, migrations.RunSQL.noop)]
