from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0002_say_what_became_of_deliveries"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="said",
            field=models.JSONField(default=dict),
        ),
    ]
