from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0001_contacts_and_deliveries"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="outcome",
            field=models.CharField(default="pending", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["pending", "sent", "no_address", "refused", "too_late"])),
                name="delivery_ended_in_a_known_way",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome", "sent"), ("sent_at__isnull", False)),
                    models.Q(models.Q(("outcome", "sent"), _negated=True), ("sent_at__isnull", True)),
                    _connector="OR",
                ),
                name="only_what_was_sent_says_when",
            ),
        ),
    ]
