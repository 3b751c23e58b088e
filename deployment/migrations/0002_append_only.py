"""Locks the tables that may only grow. SQLite drops triggers when it rebuilds a table: lock again after an alteration."""

from django.db import migrations

from accounts.append_only import lock_tables


class Migration(migrations.Migration):
    dependencies = [("deployment", "0001_initial")]

    operations = [
        lock_tables(
            "deployment_wavemove", "deployment_wavestate", "deployment_agencymembership", "deployment_postholding"
        )
    ]
