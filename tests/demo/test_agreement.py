"""The demo's channels have an agreement, and a month settled by it whose shares come to the pot."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from demo import agreement
from kernel.models import Member, Role
from kernel.web import access
from metrics.scope import Days
from tests.demo.loading import arrive
from tests.demo.reading import END, simulated

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demo_s_last_month_is_settled_and_agreed_once() -> None:
    workspace = arrive(simulated(250, 90)[0])
    for _again in range(2):
        agreement.make(workspace, END.date() - dt.timedelta(days=89), END.date())
    user = User.objects.create_user("controller")
    Member.objects.create(workspace=workspace, user=user, role=Role.ADMIN)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {access.make_token(workspace, user, Role.ADMIN)}")
    rules = client.get("/api/allocation/rules/").json()
    assert rules["version"] == 1
    assert rules["rules"]["weights"] == agreement.RULES["weights"]
    (head,) = client.get("/api/allocation/statements/").json()["results"]
    assert (head["from"], head["to"], head["state"]) == ("2026-10-01", "2026-10-31", "agreed")
    whole = client.get(f"/api/allocation/statements/{head['number']}/").json()
    assert Decimal(whole["pot"]) > 0
    assert sum(Decimal(share["amount"]) for share in whole["shares"]) == Decimal(whole["pot"])


@pytest.mark.parametrize(
    ("first", "today", "month"),
    [
        ((2026, 10, 1), (2026, 11, 24), ((2026, 10, 1), (2026, 10, 31))),
        ((2026, 10, 1), (2026, 11, 1), ((2026, 10, 1), (2026, 10, 31))),
        ((2026, 10, 2), (2026, 11, 30), None),
    ],
)
def test_a_month_is_settled_that_lies_whole_in_the_demo(first, today, month) -> None:
    expected = month and Days(dt.date(*month[0]), dt.date(*month[1]))
    assert agreement.newest_month(dt.date(*first), dt.date(*today)) == expected
