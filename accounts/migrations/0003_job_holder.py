"""A job knows which process holds it and when a worker was last told of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_append_only")]

    operations = [
        migrations.AddField("job", "holder", models.CharField("processus", max_length=80, blank=True)),
        migrations.AddField("job", "published_at", models.DateTimeField("annoncé le", null=True)),
    ]
