from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0002_remember_releases_and_freed_numbers'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='language_chosen',
            field=models.BooleanField(default=False),
        ),
    ]
