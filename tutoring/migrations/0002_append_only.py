"""Locks the register of tutorships and the opinions."""

from django.db import migrations

from accounts.append_only import lock_tables


class Migration(migrations.Migration):
    dependencies = [("tutoring", "0001_initial")]

    operations = [lock_tables("tutoring_assignment", "tutoring_opinion")]
