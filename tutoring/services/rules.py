"""The rules that an académie follows in its tutoring."""

from __future__ import annotations

from django.db import transaction

from accounts import audit
from accounts.models import User
from deployment.models import Academy
from deployment.services.waves import lock
from tutoring.choices.candidates import NeedRule
from tutoring.models import TutoringRules
from tutoring.rights import EDIT_RULES


@transaction.atomic
def choose_need_rule(academy: Academy, rule: NeedRule, *, by: User | None) -> TutoringRules:
    """From now on the needs of every wave are counted so, at any date: a rule of counting, not a dated fact."""
    lock(academy)
    chosen, _ = TutoringRules.objects.update_or_create(academy=academy, defaults={"need_rule": rule})
    audit.record(by, EDIT_RULES, f"décompte des besoins · {rule.label}", academy=academy.slug)
    return chosen
