"""Add: identities of entries have a table of their own, from which they can be forgotten."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("journal", "0002_entries_by_an_account"),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=10)),
                ("kind", models.CharField(max_length=20)),
                ("target_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="journal.entry"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "target_id", "at"], name="links_of_an_identity")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["actor", "subject", "about"])),
                        name="journal_link_has_a_known_role",
                    )
                ],
            },
        ),
    ]
