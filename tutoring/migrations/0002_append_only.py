"""Locks the registers and what is kept version by version: tutorships, opinions, papers, work, indemnities."""

from django.db import migrations

from accounts.append_only import lock_tables


class Migration(migrations.Migration):
    dependencies = [("tutoring", "0001_initial")]

    operations = [
        lock_tables("tutoring_assignment", "tutoring_opinion"),
        lock_tables("tutoring_papertemplate", "tutoring_paper", "tutoring_paperevent"),
        # Work and indemnities
        lock_tables(
            "tutoring_difficulty",
            "tutoring_feedback",
            "tutoring_remark",
            "tutoring_actionevent",
            "tutoring_indemnity",
            "tutoring_indemnitycorrection",
            "tutoring_paymentline",
        ),
    ]
