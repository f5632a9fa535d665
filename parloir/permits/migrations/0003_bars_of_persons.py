"""Add: a bar is of a person, agreement is dated, tries at one permit are counted."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("people", "0004_accounts_erased_and_reconciled"),
        ("permits", "0002_remember_what_end_was_warned_of"),
    ]

    operations = [
        migrations.AddField(
            model_name="barred",
            name="visitor",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="people.visitor"
            ),
        ),
        migrations.AddField(model_name="registration", name="agreed_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="registration", name="typed_name", field=models.CharField(blank=True, default="", max_length=210), preserve_default=False
        ),
        migrations.AddField(
            model_name="attempt", name="pair", field=models.CharField(blank=True, default="", max_length=64), preserve_default=False
        ),
        migrations.AddField(model_name="attempt", name="unheard", field=models.PositiveIntegerField(default=0)),
        migrations.AddIndex(
            model_name="attempt", index=models.Index(fields=["pair", "at"], name="attempts_at_a_permit")
        ),
    ]
