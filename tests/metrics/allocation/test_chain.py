"""The chain over closed statements: what is changed behind its back is found, and named."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.metrics.allocation.settling import APRIL, IN_APRIL, Settling, sold
from tests.shop import later

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db):
    made = Settling()
    sold(made, "w1", "100", later(days=1))
    sold(made, "s1", "50", later(days=2), to="store")
    made.settles()
    sold(made, "w2", "70", IN_APRIL)
    made.settles(APRIL)
    return made


def tamper(statement):
    """As somebody would who owns the database."""
    with connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("set local session_replication_role = origin")


def checked():
    out, wrong = io.StringIO(), io.StringIO()
    try:
        call_command("statements", stdout=out, stderr=wrong)
    except CommandError as failed:
        return str(failed), wrong.getvalue()
    return out.getvalue(), wrong.getvalue()


def test_what_was_closed_is_as_it_was_closed(shop):
    said, wrong = checked()
    assert "2 closed statements are as they were closed" in said
    assert wrong == ""
    first, second = shop.statement(1), shop.statement(2)
    assert (first["previous"], second["previous"]) == ("", first["digest"])


@pytest.mark.parametrize(
    ("statement", "number", "said"),
    [
        ("update metrics_statement_order set credits = '{0.01}' where order_id = 'w1'", 1, "is not as it was"),
        ("update metrics_statement_share set amount = amount + 1 where channel_id = "
         "(select min(channel_id) from metrics_statement_share)", 1, "is not as it was"),
        ("update metrics_statement_share set decided_by = 'somebody else'", 2, "is not as it was"),
        ("update metrics_statement_note set text = 'never said' where act = 'agreed'", 1, "is not as it was"),
        ("update metrics_allocation_rules set rules = jsonb_set(rules, '{untouched}', '\"kept\"')", 2, "not as it was"),
        ("delete from metrics_statement_order where order_id = 'w2'", 2, "is not as it was"),
        ("delete from metrics_statement where number = 2", 2, "is not there"),
        ("update metrics_statement set digest = 'x' || substr(digest, 2) where number = 1", 2, "does not follow"),
    ],
)  # fmt: skip
def test_a_tampered_row_is_found(shop, statement, number, said):
    tamper(statement)
    failed, wrong = checked()
    assert "fault" in failed
    assert any(f"statement {number}" in line and said in line for line in wrong.splitlines()), wrong
