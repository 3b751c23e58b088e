"""The invented persons in post of the demonstration."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest

from deployment.choices import Function, Kind
from deployment.figures.posts import vacant_accountants
from deployment.models import Academy, AccountingAgency, PostHolding

pytestmark = pytest.mark.xdist_group("demonstration")  # loaded by one process only
OBSERVED = date(2024, 10, 8)


def test_everyone_has_a_head_and_four_agencies_of_v7_no_accountant(demo: Academy) -> None:
    figure = vacant_accountants(demo, on=OBSERVED, wave="V7")
    assert (figure.value, figure.population.size, figure.population.exclusions) == (4, 19, ())
    assert vacant_accountants(demo, on=OBSERVED).value == 4
    assert vacant_accountants(demo, on=date(2024, 8, 31)).value == 0
    everyone = demo.establishments.exclude(kind=Kind.GRETA)
    held = PostHolding.objects.holders(everyone.values_list("pk", flat=True), OBSERVED)
    sole = {Function.HEAD, Function.SECRETARY_GENERAL, Function.ACCOUNTANT}
    assert all(sole <= set(persons) for persons in held.values())
    assert not PostHolding.objects.filter(post__establishment__kind=Kind.GRETA).exists()
    accountants = PostHolding.objects.filter(post__function=Function.ACCOUNTANT).in_force(OBSERVED)
    assert accountants.count() == AccountingAgency.objects.count()

    names: dict[str, set[str]] = defaultdict(set)
    posts: Counter[str] = Counter()
    for row in PostHolding.objects.in_force(OBSERVED + timedelta(days=1)):
        if row.name:
            names[row.email].add(row.name)
            posts[row.email] += 1
    assert all(email.endswith("@demo.invalid") for email in names)
    assert max(len(same) for same in names.values()) == 1
    assert sorted(posts.values(), reverse=True)[:7] == [2, 2, 2, 2, 2, 2, 1]
