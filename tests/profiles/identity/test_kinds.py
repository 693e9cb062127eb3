"""Kinds of a workspace: met, changed, blocked."""

import pytest
from django.db import connection

from kernel.db import rows
from profiles.identity import kinds
from profiles.identity.kinds import Kind
from tests.profiles.identity.people import ident, seen, send

pytestmark = pytest.mark.django_db


def test_a_kind_first_met_is_listed_and_never_changes_the_others():
    send(seen(ident("loyalty_card", "7"), ident("user_id", "u")))
    assert rows(connection, "select kind, rank, most, fan_out from profiles_kind") == [
        ("loyalty_card", 10, 5, 3)
    ]
    assert kinds.of(connection, 1)["user_id"] == kinds.DEFAULTS["user_id"]


def test_other_workspaces_have_their_own():
    kinds.write(connection, 1, "phone", Kind(6, 1, 2))
    assert kinds.of(connection, 1)["phone"].most == 1
    assert kinds.of(connection, 2)["phone"].most == 3


def test_a_blocked_pattern_covers_the_whole_value_of_its_kind():
    kinds.block(connection, 1, "phone", r"\+86170\d+")
    kinds.block(connection, 1, "", "shopify-admin")
    rules = kinds.of(connection, 1)
    assert rules.blocks("phone", "+8617012345678")
    assert not rules.blocks("phone", "+8613812345678")
    assert not rules.blocks("user_id", "+8617012345678")
    assert rules.blocks("user_id", "Shopify-Admin")
    assert not rules.blocks("user_id", "shopify-admin-2")


def test_a_workspace_sees_nothing_of_another():
    one = ident("user_id", "u", workspace=1)
    two = ident("user_id", "u", workspace=2)
    assert one.key != two.key
    send(seen(one, ident("anonymous_id", "c", workspace=1)), workspace=1)
    send(seen(two, ident("anonymous_id", "c", workspace=2)), workspace=2)
    found = rows(
        connection,
        "select workspace_id, count(distinct profile_id), count(*) from profiles_identifier group by 1",
    )
    assert sorted(found) == [(1, 1, 2), (2, 1, 2)]


def test_every_statement_is_understood():
    import re
    from pathlib import Path

    from kernel.db import Statements

    for path in Path("profiles/identity").glob("*.sql"):
        if path.name == "schema.sql":
            continue
        for name, text in Statements(str(path.with_suffix(".py"))).items():
            with connection.cursor() as cursor:
                cursor.execute(f"prepare p_{path.stem}_{name} as " + re.sub(r"%\(\w+\)s", "null", text))
