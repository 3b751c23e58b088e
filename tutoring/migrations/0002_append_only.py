"""Locks the register of tutorships, the opinions, and the letters and orders with their texts and steps."""

from django.db import migrations

from accounts.append_only import lock_tables


class Migration(migrations.Migration):
    dependencies = [("tutoring", "0001_initial")]

    operations = [
        lock_tables("tutoring_assignment", "tutoring_opinion"),
        lock_tables("tutoring_papertemplate", "tutoring_paper", "tutoring_paperevent"),
    ]
