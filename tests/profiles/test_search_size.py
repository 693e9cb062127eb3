"""However many customers there are, the box looks at a few rows: sixty thousand stand beside those that are meant."""

from typing import Any

import pytest
from django.db import connection

from kernel.db import rows, run
from profiles.identity import hints
from tests.pages.test_numbers import PHONE, person
from tests.shop import Shop, identify, order
from tests.work import counted

MANY = 60_000
MOST = 3_000  # rows that one answer may touch: six of ten thousand last digits are shared by each phone here
# Customers with a phone each, of two connectors' namespaces, with a name, an order number and n-grams.
CROWD = """
insert into profiles_identifier (id, profile_id, first_seen, workspace_id, shared, key, kind, namespace, value)
select nextval('profiles_identifier_id'), currval('profiles_identifier_id'), now(), %(w)s::int, false,
    md5(n::text)::uuid, 'openid', 'app-' || n %% 2, 'crowd-' || n
from generate_series(1, %(n)s::int) n
"""
HINTS = """
insert into profiles_hint (identifier_id, hint, workspace_id)
select i.id, hashtextextended((i.id %% 10000)::text, 7), %(w)s::int from profiles_identifier i
where i.workspace_id = %(w)s::int and i.kind = 'openid'
"""
SUMMARIES = """
insert into profiles_summary (workspace_id, profile_id, key, name, channels, events, first_seen, last_seen)
select %(w)s::int, i.id, i.key, 'Crowd ' || i.id, '{}', 1, now(), now() from profiles_identifier i
where i.workspace_id = %(w)s::int and i.kind = 'openid'
"""
GRAMS = """
insert into profiles_gram (workspace_id, profile_id, grams)
select %(w)s::int, i.id, array['c', 'cr', 'cro', (i.id %% 1000)::text] from profiles_identifier i
where i.workspace_id = %(w)s::int and i.kind = 'openid'
"""


@pytest.fixture
def crowd(db: None) -> Shop:
    shop = Shop()
    shop.sends(identify("u1", name="Lin Xiaowen", phone=PHONE, email="lin@hemu.cn"), order("TM-1", "5", "u1"))
    for statement in (CROWD, HINTS, SUMMARIES, GRAMS):
        run(connection, statement, w=shop.workspace.pk, n=MANY)
    run(connection, "analyze profiles_identifier, profiles_hint, profiles_summary, profiles_gram")
    return shop


def test_each_way_of_finding_somebody_goes_by_an_index(crowd: Shop) -> None:
    client = person(crowd)
    key = crowd.profile("user_id:u1")["id"]
    assert rows(connection, "select count(*) from profiles_hint")[0][0] > MANY
    texts = (
        "5021",
        "138 •••• 5021",
        "l•••@•••.cn",
        "crowd-77",
        key[:8],
        "TM-1",
        PHONE,
        "Lin Xiaowen",
        "nobody",
    )
    measured: dict[str, Any] = {}
    for text in texts:
        for path in ("/search/suggestions/", "/search/"):
            with counted() as work:
                answer = client.get(path, {"q": text})
            assert answer.status_code in (200, 302)
            measured[f"{path}{text}"] = work
    far = {name: work.most_common(2) for name, work in measured.items() if work.total() > MOST}
    assert not far, far


def test_a_hint_that_thousands_share_is_cut(crowd: Shop) -> None:
    """A masked e-mail says little: the box looks at the first of them, the list has all."""
    mine = hints.hint(crowd.workspace.pk, "email", "c•••@•••.com")
    run(
        connection,
        "update profiles_hint set hint = %(h)s where workspace_id = %(w)s and identifier_id %% 6 = 0",
        h=mine,
        w=crowd.workspace.pk,
    )
    run(connection, "analyze profiles_hint")
    client = person(crowd)
    with counted() as work:
        page = client.get("/search/suggestions/", {"q": "c•••@•••.com"}).content.decode()
    assert page.count('role="option"') == 8
    assert work.total() < MOST, work.most_common(3)
    found = crowd.get("/api/profiles/", search="c•••@•••.com", limit=500)
    assert len(found["results"]) == 500
    assert found["next"]
