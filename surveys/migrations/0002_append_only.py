"""Locks the versions of answers: nothing that was submitted is ever overwritten."""

from django.db import migrations

from accounts.append_only import lock_tables


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [lock_tables("surveys_answerversion")]
