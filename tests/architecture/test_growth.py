"""Nothing grows faster than what it works on: in a new workspace beside a full one that the planner knows by heart.

A database with a workspace of some size, analysed; no autovacuum. A second workspace gets n messages, a third 4 n of
the same kind: the work of the line, of every page and of every API call may grow sixfold at most. Rows are counted,
not seconds (tests/work.py): what goes by the square shows as sixteenfold on any machine.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.db import connection

from benchmarks import adversary
from benchmarks.adversary import Message
from kernel.db import rows, run
from kernel.models import Member, Role
from tests.hostile.routing import filled, routes
from tests.shop import Shop, later, order
from tests.work import counted, grown

FULL = 200  # messages of each kind in the workspace that is there before
ORDERS = 600  # beyond some hundred rows: below, any index is as good to the planner, and right
SMALL, TIMES, MOST = 48, 4, 6
QUIET = 40  # of each kind: pages that hold a row or two would be taken for the rule, up to some hundred rows
REQUEST = 10_000  # one request, one batch: as large as the line takes them


AGREED = ("metrics_statement", "metrics_allocation_rules")  # the database keeps what channels agreed
PARTS = """select c.oid::regclass::text from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and split_part(c.relname, '_', 1) in ('channels', 'profiles', 'metrics')"""


def users(n: int, name: str) -> Iterator[Message]:
    """Tracks of users with a cookie each."""
    for k in range(n):
        yield adversary._seen(k, userId=f"{name}-u{k}", anonymousId=f"{name}-a{k}")


def buyers(n: int, name: str) -> Iterator[Message]:
    """Orders: half of them of one busy customer, some refunded, some waiting."""
    for k in range(n):
        who = f"{name}-busy" if k % 2 else f"{name}-{k}"
        at = later(minutes=k)
        if k % 8 == 7:
            refund = {"order_id": f"{name}-o{k - 1 if k % 16 == 7 else k}", "total": 5, "refund_id": f"r{k}"}
            yield {"type": "track", "event": "Order Refunded", "userId": who, "properties": refund,
                   "timestamp": at.isoformat()}  # fmt: skip
        else:
            yield order(
                f"{name}-o{k}", 50 + k, who, at, products=[{"sku": f"S{k % 5}", "price": 50, "quantity": 1}]
            )


def shoppers(n: int, name: str) -> Iterator[Message]:
    """Orders, each of somebody else: a go-live."""
    for k in range(n):
        yield order(f"{name}-s{k}", 50 + k, f"{name}-shopper-{k}", later(minutes=k))


def named(n: int, name: str) -> Iterator[Message]:
    """People with names, cities and contacts, one with all of the cookies."""
    for k in range(n):
        traits = {"name": f"客户 {k}", "city": "Hangzhou", "email": f"{name}-{k}@example.com"}
        yield {"type": "identify", "userId": f"{name}-n{k}", "anonymousId": f"{name}-c{k // 4}", "traits": traits,
               "timestamp": later(minutes=k).isoformat()}  # fmt: skip


def bad(n: int, name: str) -> Iterator[Message]:
    """Messages that become rejects."""
    for k in range(n):
        yield (
            {"type": "track", "userId": f"{name}-{k}", "event": ""}
            if k % 2
            else {"type": "none", "userId": "x"}
        )


MIXES: dict[str, Callable[[int, str], Iterator[Message]]] = {
    story.__name__: story for story in (*adversary.STORIES, users, buyers, shoppers, named, bad)
}


def sent(shop: Shop, messages: Iterator[Message], name: str) -> None:
    """All in one request, worked as one batch."""
    for body, n in adversary.requests(messages, name, REQUEST):
        shop.sends_raw(body, n)


def everything(n: int, name: str) -> Iterator[Message]:
    """Of each mix as many."""
    return itertools.chain.from_iterable(mix(n, f"{name}-{key}") for key, mix in MIXES.items())


@pytest.fixture(autouse=True)
def emptied(db: None) -> None:
    """Tables of which PostgreSQL knows nothing: how many rows one had in another test outlives its roll-back."""
    names = [name for (name,) in rows(connection, PARTS) if not name.startswith(AGREED)]
    run(connection, f"truncate {', '.join(names)} cascade")


@pytest.fixture
def beside(db: None) -> None:
    """A workspace that the planner knows."""
    full = Shop("Full")
    sent(full, everything(FULL, "full"), "full")
    sent(full, buyers(ORDERS, "more"), "more")
    run(connection, "analyze")


def test_the_line_works_four_times_as_many_in_four_times_as_long(beside: None) -> None:
    measured = {mix: [line(mix, SMALL * times) for times in (1, TIMES)] for mix in MIXES}
    too_much(measured)


def too_much(measured: Mapping[str, Sequence[Counter[str]]]) -> None:
    """Fails with what grew beyond its share, and its statements; and when nothing was counted at all."""
    assert all(small.total() for small, _large in measured.values())
    worst = [
        f"\n{name}: {small.total():,} -> {large.total():,}{grown(small, large)}"
        for name, (small, large) in measured.items()
        if large.total() > MOST * small.total()
    ]
    assert not worst, "".join(worst)


def line(mix: str, n: int) -> Counter[str]:
    """The work of a batch of a mix in a new workspace, the second of two: the first made some people known."""
    shop = Shop(f"New {n}")
    sent(shop, MIXES[mix](n // 2, "known"), "known")
    with counted() as work:
        sent(shop, MIXES[mix](n, "known"), "again")
    return work


@pytest.fixture
def two(beside: None) -> list[Any]:
    """A small and a larger workspace with everything in them."""
    made = []
    for times in (1, TIMES):
        shop = Shop(f"New {times}")
        sent(shop, everything(SMALL // 2 * times, "mine"), "mine")
        made.append(shop)
    return made


# Not asked: a stream that never ends, pages of no workspace, and what cannot be fetched.
LEFT_OUT = {"/live/stream/", "/signin/", "/signout/"}
QUERIES = {
    "/api/events/": ["limit=50", "limit=500", "identifier=user_id:{user}", "profile={key}", "message_id={message_id}"],
    "/api/profiles/": ["limit=500", "identifier=user_id:{user}", "search=客户", "search={order}", "trait=city:Hangzhou",
                       "kind=email", "ordering=-revenue", "ordering=name", "trait=city:Hangzhou&search=客户",
                       "search=m•••@•••.com", "search=0001"],
    "/api/profiles/<str:key>/timeline/": ["limit=500", "channel=web-shop"],
    "/api/metrics/<str:name>/": ["by=channel", "interval=week"],
    "/api/metrics/<str:name>/rows/": ["ordering=-total", "ordering=-events"],
    "/kpi/<slug:name>/rows/": ["ordering=-total", "ordering=-events", "ordering=-counts"],
    "/customers/": ["search=客户", "trait=city:Hangzhou", "kind=phone", "columns=phone&columns=email"],
    "/search/": ["q={order}", "q=客户", "q={message_id}"],
    "/search/suggestions/": ["q={order}", "q=客户", "q={message_id}", "q=m•••@•••.com", "q=0001"],
    "/api/conflicts/": ["state=open"],
    "/quality/": ["tab=conflicts", "tab=violations"],
}  # fmt: skip
METRICS = (
    "gmv",
    "new_customers",
    "retention",
    "active_customers",
    "cross_channel_share",
    "inventory_turnover",
    "csat",
)


def addresses(shop: Shop) -> Iterator[tuple[str, str]]:
    """Every address that can be fetched, with what is there: (what it is, the address)."""
    parts = there(shop)
    for place in routes():
        if place.pattern in LEFT_OUT or "static" in place.pattern or "admin" in place.pattern:
            continue
        for name in METRICS if "name" in place.parts and "metrics" in place.pattern + "metrics" else ("",):
            known = parts | ({"name": name} if name else {})
            if place.pattern.startswith("/rejects/"):
                known = known | {"key": parts["reject"]}
            if not set(place.parts) <= set(known):
                continue
            for query in ["", *QUERIES.get(place.pattern, ())]:
                asked = query.format(**known)
                period = (
                    "from=2026-02-20&to=2026-03-25"
                    if "metric" in place.pattern or "kpi" in place.pattern
                    else ""
                )
                address = filled(place, known) + "?" + "&".join(filter(None, (asked, period)))
                yield f"{place.pattern} {name} {query}", address


def there(shop: Shop) -> dict[str, Any]:
    """Parts of addresses: the busiest person, an order, a message, a reject."""
    workspace = shop.workspace.pk

    def first(statement: str) -> Any:
        return rows(connection, statement, w=workspace)[0][0]

    return {
        "key": first(
            "select key from profiles_summary where workspace_id = %(w)s order by events desc, key limit 1"
        ),
        "order": first("select order_id from metrics_order where workspace_id = %(w)s order by 1 limit 1"),
        "message_id": first(
            "select message_id from metrics_order where workspace_id = %(w)s order by 1 limit 1"
        ),
        "reject": first("select id from channels_reject where workspace_id = %(w)s order by 1 limit 1"),
        "number": 0,
        "position": 0,
        "user": "mine-users-u1",
        "slug": "web-shop",
        "name": "gmv",
        "page": "customers",
    }


def fetched(shop: Shop) -> dict[str, Counter[str]]:
    """The work of every address that answers."""
    from django.contrib.auth.models import User
    from django.test import Client

    user = User.objects.create(username=f"admin of {shop.workspace.slug}")
    Member.objects.create(workspace=shop.workspace, user=user, role=Role.ADMIN)
    client = Client()
    client.force_login(user)
    found = {}
    for name, address in addresses(shop):
        with counted() as work:
            answer = client.get(address)
            if answer.streaming:
                list(answer.streaming_content)
        if answer.status_code == 200:
            found[name] = work
    return found


def test_pages_and_calls_work_in_proportion(two: list[Any]) -> None:
    small, large = map(fetched, two)
    assert set(small) == set(large)
    assert len(small) > 60
    too_much({name: (small[name], large[name]) for name in small})


@pytest.mark.parametrize("counts", [True, False], ids=["counted", "never counted"])
@pytest.mark.parametrize("mix", ["users", "named", "households", "buyers", "shoppers"])
def test_plans_kept_from_a_quiet_first_hour_do_no_harm_on_a_busy_day(
    db: None, mix: str, counts: bool
) -> None:
    """Some rows, counted or not; statements planned for so few; then a whole backlog in the same session."""
    first = Shop("First")
    sent(first, everything(QUIET, "quiet"), "quiet")
    if counts:
        run(connection, "analyze")
    sent(first, everything(2, "more"), "more")
    small, large = (line(mix, 4 * SMALL * times) for times in (1, TIMES))
    too_much({mix: (small, large)})


def test_an_open_list_that_was_empty_when_counted_fills_without_harm(db: None) -> None:
    """Requests of one message each: they are claimed, tried and finished by the hundred."""
    shop = Shop()
    sent(shop, everything(8, "quiet"), "quiet")
    shop.sends(*users(3, "waits"), drain=False)
    run(connection, "analyze")  # of the open list: one row
    shop.drains()
    measured = []
    for times in (1, TIMES):
        for n, message in enumerate(users(SMALL * 4 * times, f"one-{times}")):
            shop.sends(message | {"messageId": f"one-{times}-{n}"}, drain=False)
        with counted() as work:
            shop.drains()
        measured.append(work)
    too_much({"one by one": measured})
