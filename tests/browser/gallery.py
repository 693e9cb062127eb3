"""Every page there is to look at, with ids that exist where it runs: name, address, and what is done on it first.

`pages(ask)`: for somebody signed in to a workspace with data; `bare()`: for a workspace without. `ask(path)` gives a
page's text or, of the read API, its JSON. Not here: looking (shots.py), what must not be seen (visual_checks.py).
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

Act = Callable[[Any], Any]
Ask = Callable[[str], Any]
SETTLE_MS = 120  # what is drawn after the load: charts, ribbons
LOOKED_AT = 15  # customers, until one has a join to undo
NOBODY, NEVER = "00000000-0000-4000-8000-000000000000", "from=2001-01-01&to=2001-01-31"
ROWS = (
    "gmv",
    "refunds",
    "active_customers",
    "retention",
    "cac",
    "satisfaction",
    "inventory_turnover",
    "price_parity",
)


# Where the tiles of journeys lead, by their kind.
TILES = {
    "funnel": "funnel/?",
    "paths": "?",
    "retention": "retention/?",
    "switching": "switching/?",
    "touchpoints": "touchpoints/?",
}


class Sight(NamedTuple):
    """One picture."""

    name: str
    address: str
    act: Act | None = None  # done before the look
    width: int = 0  # the only one it is looked at in
    status: int = 200


def pages(ask: Ask) -> list[Sight]:
    """All of them, in the order of the navigation."""
    every = (
        _numbers(ask),
        _boards(),
        _people(ask),
        _settlement(ask),
        _journeys(),
        _cohorts(),
        _loyalty(),
        _marketing(),
        _service(ask),
        _shelves(ask),
        _events(ask),
        _data(ask),
        _allocation(ask),
        _workspace(ask),
        _frame(),
    )
    return [sight for part in every for sight in part]


def bare() -> list[Sight]:
    """What stands there when nothing has arrived."""
    addresses = {
        "overview": "/",
        "kpi": "/kpi/gmv/",
        "kpi-rows": "/kpi/gmv/rows/",
        "customers": "/customers/",
        "journeys": "/journeys/",
        "funnel": "/journeys/funnel/",
        "attribution": "/allocation/",
    }
    addresses |= {"workspace": "/workspace/", "tokens": "/workspace/tokens/"}
    addresses |= {
        name: f"/{name}/"
        for name in (
            "boards",
            "aftersales",
            "payments",
            "channels",
            "imports",
            "payouts",
            "live",
            "quality",
            "rejects",
            "jobs",
        )
    }
    addresses["plan"] = "/quality/plan/"
    addresses |= {"parity": "/parity/", "stock": "/stock/"}
    return [Sight(f"empty-{name}", address, _settle) for name, address in addresses.items()]


def outside() -> list[Sight]:
    """For somebody who is not signed in."""
    return [
        Sight("signin", "/signin/"),
        Sight("signin-refused", "/signin/", _refused),
        Sight("invitation-over", "/invitation/x/y/", status=404),
    ]


# ---- the pages, part by part -------------------------------------------------------------------


def _numbers(ask: Ask) -> Iterator[Sight]:
    yield Sight("overview", "/", _settle)
    yield Sight("overview-year", "/?compare=year&interval=week", _settle)
    yield Sight("overview-hidden", "/?hide=tmall&hide=before", _settle)
    yield Sight("overview-so-far", f"/?{_this_month()}", _settle)
    yield Sight("overview-alone", "/?compare=none", _settle)
    yield Sight("kpi-so-far", f"/kpi/net_revenue/?{_this_month()}", _settle)
    yield Sight("overview-table", "/", _open("details.data > summary"))
    yield Sight("overview-empty", f"/?{NEVER}", _settle)
    yield Sight("overview-period", "/", _open(".hl-top details.hl-menu > summary"))
    for metric in ask("/api/metrics/")["results"]:
        yield Sight(f"kpi-{metric['name']}", f"/kpi/{metric['name']}/", _settle)
    yield Sight("metrics", "/kpi/")
    yield Sight("metrics-found", "/kpi/?q=margin")
    yield Sight("metrics-none", "/kpi/?q=weather")
    yield Sight("kpi-by-store", "/kpi/net_revenue/?by=store", _settle)
    yield Sight("kpi-filtered", "/kpi/buyers/?by=city&filter=new_or_returning:new", _settle)
    yield Sight("rows-filtered", "/kpi/units/rows/?filter=category:null")
    yield Sight("kpi-of-a-channel", "/kpi/net_revenue/?channel=tmall&interval=month", _settle)
    yield Sight("kpi-of-anomalies", "/kpi/net_revenue/?anomalies=high", _settle)
    yield Sight("kpi-empty", f"/kpi/gmv/?{NEVER}", _settle)
    for name in ROWS:
        yield Sight(f"rows-{name}", f"/kpi/{name}/rows/")
    yield Sight("rows-drilled", "/kpi/net_revenue/rows/?channel=tmall")
    yield Sight("rows-sorted", "/kpi/gmv/rows/?ordering=-total")
    yield Sight("rows-prices", "/kpi/price_parity/rows/?part=compared")
    yield Sight("rows-empty", f"/kpi/gmv/rows/?{NEVER}")
    yield Sight("payouts", "/payouts/")
    yield Sight("payouts-weeks", "/payouts/?by=week&state=missing")
    yield Sight("payouts-empty", f"/payouts/?{NEVER}")
    yield from _effects()


def _shelves(ask: Ask) -> Iterator[Sight]:
    yield Sight("parity", "/parity/", _settle)
    yield Sight("parity-all", "/parity/?state=all&ordering=-exposure", _settle)
    yield Sight("parity-rules", "/parity/", _open("#rules details.data > summary"))
    yield Sight("parity-empty", f"/parity/?{NEVER}", _settle)
    first = ask("/api/records/?type=price&limit=1")["results"][0]["sku"]
    yield Sight("parity-sku", f"/parity/sku/?{urlencode({'sku': first})}", _settle)
    yield Sight("parity-people", "/parity/people/")
    yield Sight("stock", "/stock/")
    yield Sight("stock-stuck", "/stock/?state=long&ordering=-value")
    yield Sight("stock-transfers", "/stock/?part=transfers")
    yield Sight("stock-oversold", "/stock/?part=oversold")
    yield Sight("stock-empty", f"/stock/?{NEVER}")


def _settlement(ask: Ask) -> Iterator[Sight]:
    yield Sight("statements", "/allocation/statements/")
    for one in ask("/api/allocation/statements/")["results"][:1]:
        there = f"/allocation/statements/{one['number']}/"
        yield Sight("statement", there)
        yield Sight("statement-print", f"{there}print/")
        yield Sight("statement-orders", f"{there}orders/")
    yield Sight("allocation-rules", "/allocation/rules/")
    yield Sight("allocation-simulation", "/allocation/simulation/", _settle)
    yield Sight("allocation-simulation-empty", f"/allocation/simulation/?{NEVER}")


def _boards() -> Iterator[Sight]:
    yield Sight("boards", "/boards/")
    yield Sight("board", "/boards/cross-channel/", _loaded)
    yield Sight("board-weeks", "/boards/cross-channel/?interval=week&compare=year", _loaded)
    yield Sight("board-tile-menu", "/boards/cross-channel/", _open(".tile details.hl-menu > summary"))
    yield Sight("board-tile-table", "/boards/cross-channel/", _open(".tile details.data > summary"))
    for kind in ("funnel", "paths", "retention", "switching", "touchpoints"):
        what = f'.tile:has([href^="/journeys/{TILES[kind]}"]) details.data > summary'
        yield Sight(f"board-{kind}-table", "/boards/cross-channel/", _later(_open(what)))
    yield Sight("board-empty-days", f"/boards/cross-channel/?{NEVER}", _loaded)
    yield Sight("kpi-save", "/kpi/net_revenue/", _open(".acts details.hl-menu > summary"))


def _this_month() -> str:
    """As the preset has it where the demo's retailer is."""
    today = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date()
    return f"from={today.replace(day=1)}&to={today}&unit=month"


def _people(ask: Ask) -> Iterator[Sight]:
    people = ask("/api/profiles/?ordering=-events")["results"]
    yield Sight("customers", "/customers/")
    yield Sight(
        "customers-filtered",
        "/customers/?channel=tmall&channel=stores&orders_min=2&kind=phone&columns=phone&columns=city&columns=tier&ordering=-revenue",
    )
    yield Sight("customers-none", "/customers/?orders_min=999&kind=phone")
    yield Sight("customers-filter", "/customers/", _open("summary.filter.add"))
    yield Sight("customers-columns", "/customers/", _open(".acts details.hl-menu:nth-of-type(1) > summary"))
    yield Sight("customer", f"/customers/{people[0]['id']}/", _settle)
    yield Sight("customer-order", f"/customers/{people[0]['id']}/", _open("[data-opens]"))
    least = ask("/api/profiles/?ordering=events")["results"]
    yield Sight("customer-new", f"/customers/{least[0]['id']}/", _settle)
    joined = _with_a_join(ask, [one["id"] for one in people[:LOOKED_AT]])
    yield Sight("customer-split", joined[1])
    yield Sight("customer-merge", f"/customers/{joined[0]}/merge/?q={people[1]['name']}")
    yield Sight("customer-merge-preview", f"/customers/{joined[0]}/merge/?other={people[1]['id']}")
    yield Sight("customer-gone", f"/customers/{NOBODY}/", status=404)
    yield Sight("search", f"/search/?q={people[0]['name'][:1]}")
    yield Sight("search-suggested", "/channels/", _type(people[0]["name"][:1] or people[0]["called"]))
    yield Sight("search-none", "/search/?q=nobody%20at%20all")


def _service(ask: Ask) -> Iterator[Sight]:
    yield Sight("aftersales", "/aftersales/")
    yield Sight("aftersales-costs", "/aftersales/?cost-call-centre=12.50")
    yield Sight("aftersales-empty", f"/aftersales/?{NEVER}")
    for rows in ("returns", "refunds", "tickets"):
        yield Sight(f"aftersales-{rows}", f"/aftersales/rows/?rows={rows}")
    yield Sight("aftersales-rows-empty", f"/aftersales/rows/?{NEVER}")
    yield Sight("payments", "/payments/")
    yield Sight("payments-reasons", "/payments/?by=reason")
    yield Sight("payments-empty", f"/payments/?{NEVER}")
    yield Sight("payments-failed", "/payments/rows/?outcome=failed")
    for one in ask("/api/metrics/cross_channel_return_rate/rows/?limit=1")["results"][:1]:
        yield Sight("order", f"/orders/{one['channel']}/{one['order_id']}/")


def _journeys() -> Iterator[Sight]:
    yield Sight("journeys", "/journeys/")
    yield Sight("journeys-events", "/journeys/?level=event&steps=5&most=12")
    yield Sight("journeys-ending", "/journeys/?level=touchpoint&end=Order%20Completed")
    yield Sight("journeys-empty", f"/journeys/?{NEVER}")
    yield Sight("journeys-people", "/journeys/people/")
    yield Sight("journeys-list", "/journeys/people/", _open(".acts details.hl-menu > summary"))
    yield Sight("journeys-save", "/journeys/", _open(".acts details.hl-menu > summary"))
    yield Sight("funnel", "/journeys/funnel/?by=channel")
    yield Sight("funnel-step", "/journeys/funnel/", _open("summary.filter.add, .empty-s"))
    yield Sight("funnel-empty", f"/journeys/funnel/?{NEVER}")
    yield Sight("funnel-people", "/journeys/funnel/people/?step=2&outcome=dropped")


def _effects() -> Iterator[Sight]:
    """Of two channels joined six weeks ago."""
    at = dt.datetime.now(ZoneInfo("Asia/Shanghai")).date() - dt.timedelta(days=42)
    yield Sight("roi", f"/roi/?at={at}&window=28d&joined=tmall&joined=stores&cost=50000")
    yield Sight("roi-asked", "/roi/")
    yield Sight("roi-wrong", "/roi/?at=2999-01-01&joined=tmall")
    yield Sight("consistency", "/consistency/")
    yield Sight("consistency-short", "/consistency/?within=30d")
    yield Sight("consistency-people", "/consistency/people/?within=30d&gap=late")
    yield Sight("consistency-empty", f"/consistency/?{NEVER}")


def _cohorts() -> Iterator[Sight]:
    for name in ("retention", "switching", "touchpoints"):
        yield Sight(f"journeys-{name}", f"/journeys/{name}/", _settle)
        yield Sight(f"journeys-{name}-empty", f"/journeys/{name}/?{NEVER}")
    yield Sight("journeys-retention-weeks", "/journeys/retention/?interval=week&measure=revenue", _settle)
    yield Sight("journeys-switching-visits", "/journeys/switching/?on=visits", _settle)
    yield Sight("journeys-touchpoints-alike", "/journeys/touchpoints/?matched=1", _settle)
    cohort = f"{dt.datetime.now(ZoneInfo('Asia/Shanghai')).date().replace(day=1)}"
    yield Sight("journeys-retention-people", f"/journeys/retention/people/?cohort={cohort}")
    yield Sight("journeys-switching-people", "/journeys/switching/people/?target=tmall")
    yield Sight("journeys-touchpoints-people", "/journeys/touchpoints/people/?touchpoint=store")


def _loyalty() -> Iterator[Sight]:
    yield Sight("membership", "/membership/")
    yield Sight("membership-empty", f"/membership/?{NEVER}")
    yield Sight("membership-accounts", "/membership/accounts/")
    yield Sight("membership-joining", "/membership/joining/?joined=90d")
    yield Sight("membership-people", "/membership/people/")
    yield Sight("membership-joining-people", "/membership/joining/people/?outcome=others")


def _marketing() -> Iterator[Sight]:
    yield Sight("campaigns", "/campaigns/")
    yield Sight("campaigns-empty", f"/campaigns/?{NEVER}")
    yield Sight("campaigns-audiences", "/campaigns/audiences/")
    yield Sight("campaigns-budget", "/campaigns/budget/")
    yield Sight("campaigns-people", "/campaigns/people/?touches=1")


def _events(ask: Ask) -> Iterator[Sight]:
    stored = ask("/api/events/")["results"]
    teaching = next((one for one in stored if one["type"] == "identify"), stored[0])
    buying = next((one for one in stored if one["name"] == "Order Completed"), stored[0])
    yield Sight("events", "/events/")
    yield Sight("event-order", f"/events/{buying['message_id']}/")
    yield Sight("event-identify", f"/events/{teaching['message_id']}/")
    yield Sight("event-unknown", "/events/nobody-sent-this/", status=404)
    refused = ask("/api/rejects/?state=open")["results"]
    if refused:
        yield Sight("event-rejected", f"/events/{refused[0]['message_id']}/")


def _data(ask: Ask) -> Iterator[Sight]:
    channels = ask("/api/channels/")["results"]
    yield Sight("channels", "/channels/")
    for state in dict.fromkeys(one["health"]["state"] for one in channels):
        one = next(one for one in channels if one["health"]["state"] == state)
        yield Sight(f"channel-{state}", f"/channels/{one['slug']}/", _settle)
    yield from _connectors(ask)
    yield Sight("imports", "/imports/")
    yield Sight("imports-too-large", "/imports/?too_large=9999999999", status=413)
    for one in ask("/api/imports/")["results"][:3]:
        yield Sight(f"import-{one['state']}-{one['id']}", f"/imports/{one['id']}/", _settle)
    yield Sight("live", "/live/")
    yield Sight("live-opened", "/live/", _load("#stream button", "#opened pre"))
    yield Sight("quality", "/quality/", _wait("#completeness .bar"))
    yield Sight("matches", "/quality/matches/")
    yield Sight("matches-none", "/quality/matches/?state=refused")
    yield from _plan(ask)
    yield Sight("rejects", "/rejects/")
    if ask("/api/rejects/?state=open")[
        "results"
    ]:  # a small demo may have none: what is refused is drawn by chance
        yield Sight("rejects-opened", "/rejects/", _load("a[hx-target='#opened']", "#opened textarea"))
    yield Sight("rejects-replayed", "/rejects/?state=replayed")
    for one in ask("/api/rejects/?state=open&reason=missing_field&field=properties.total")["results"][:1]:
        alike = urlencode({name: one[name] for name in ("reason", "field", "connector")})
        fix = urlencode({"do": "copy", "target": one["field"], "from": "properties.pay_amount"})
        yield Sight("rejects-fix", f"/rejects/fix/?{alike}")
        yield Sight("rejects-fix-preview", f"/rejects/fix/?{alike}&{fix}")
    yield Sight("rejects-fix-none", "/rejects/fix/")
    yield Sight("rejects-none", f"/rejects/?connector={NOBODY}")
    yield Sight("work", "/jobs/")


def _plan(ask: Ask) -> Iterator[Sight]:
    yield Sight("plan", "/quality/plan/")
    yield Sight("plan-proposal", "/quality/plan/proposal/")
    yield Sight("plan-proposal-opened", "/quality/plan/proposal/?days=90", _open(".plan-proposed summary"))
    for name in list(ask("/api/plan/")["events"])[:1]:
        yield Sight("plan-event", f"/quality/plan/event/?{urlencode({'name': name})}")


def _allocation(ask: Ask) -> Iterator[Sight]:
    yield Sight("attribution", "/allocation/")
    yield Sight("attribution-campaigns", "/allocation/?by=campaign&measure=conversions&model=markov")
    yield Sight("attribution-wrong", "/allocation/?model=best")
    yield Sight("attribution-empty", f"/allocation/?{NEVER}")
    yield Sight("attribution-orders", "/allocation/orders/?key=null&model=linear")
    listed = ask("/api/attribution/orders/?key=null")["results"]
    if listed:
        one = listed[0]
        yield Sight(
            "attribution-order", f"/allocation/order/?channel={one['channel']}&number={one['order_id']}"
        )


def _connectors(ask: Ask) -> Iterator[Sight]:
    every = ask("/api/connectors/")["results"]
    add = f"/channels/{every[0]['channel']}/connectors/add/"
    yield Sight("connector-kinds", add)
    for one in ask("/api/connector-kinds/"):
        yield Sight(f"connector-add-{one['kind']}", f"{add}{one['kind']}/")
    for kind in dict.fromkeys(one["kind"] for one in every):
        one = next(one for one in every if one["kind"] == kind)
        yield Sight(f"connector-{kind}", f"/channels/{one['channel']}/connectors/{one['connector']}/")
    yield from _mappings(every[0])
    yield from _versions(ask, every)
    yield Sight("live-of-one", f"/live/?connector={every[0]['connector']}")


def _versions(ask: Ask, every: list[dict[str, Any]]) -> Iterator[Sight]:
    """Of the first connector that has a mapping."""
    for one in every:
        if ask(f"/api/connectors/{one['connector']}/mapping/").get("version"):
            address = f"/channels/{one['channel']}/connectors/{one['connector']}/mapping/"
            yield Sight("mapping-compare", f"{address}compare/", _settle)
            return


def _mappings(one: dict[str, Any]) -> Iterator[Sight]:
    address = f"/channels/{one['channel']}/connectors/{one['connector']}/mapping/"
    yield Sight("mapping", address, _settle)
    yield Sight("mapping-text", f"{address}?as=text", _settle)
    yield Sight("mapping-begun", address, _load("button[value='start:order']", "#edit .message"))
    yield Sight("mapping-functions", address, _open(".functions > summary"))


def _workspace(ask: Ask) -> Iterator[Sight]:
    yield Sight("members", "/workspace/members/")
    one = ask("/api/members/")["results"][0]
    yield Sight("member", f"/workspace/members/{one['id']}/")
    yield Sight("tokens", "/workspace/tokens/")
    yield Sight("audit", "/workspace/audit/")
    yield Sight("audit-looks", "/workspace/audit/?action=contact")
    yield Sight("audit-none", "/workspace/audit/?target=nothing-like-it")
    yield Sight("audit-wrong", "/workspace/audit/?from=soon")
    yield Sight("workspace", "/workspace/")
    yield Sight("password", "/account/password/")


def _frame() -> Iterator[Sight]:
    yield Sight("not-found", "/nothing-here/", status=404)
    yield Sight("menu-user", "/channels/", _open(".hl-top > details.hl-menu:last-of-type > summary"))
    yield Sight("menu-pages", "/channels/", _open(".burger"), width=390)
    yield Sight("menu-keys", "/channels/", _press("?"))
    yield Sight("printed", "/", _print, width=1440)
    yield Sight("components", "/_components/", _settle)
    yield Sight("components-menu", "/_components/", _open("#menu .hl-menu > summary"))
    yield Sight("components-table", "/_components/", _open("#data details > summary"))


def _with_a_join(ask: Ask, people: list[str]) -> tuple[str, str]:
    """A customer one of whose joins can be undone, and where that is asked for."""
    for key in people:
        if link := re.search(r'href="([^"]*/split/[^"]*)"', ask(f"/customers/{key}/")):
            return key, link[1].replace("&amp;", "&")
    raise LookupError("none of the busiest customers was joined from two")


# ---- what is done before the look --------------------------------------------------------------


def _loaded(page: Any) -> None:
    """Tiles that come after their board are there."""
    page.locator("body:not(:has(.tile-b[aria-busy]))").wait_for()
    page.wait_for_timeout(SETTLE_MS)


def _later(act: Act) -> Act:
    return lambda page: (_loaded(page), act(page))


def _settle(page: Any) -> None:
    page.wait_for_timeout(SETTLE_MS)


def _open(what: str) -> Act:
    def act(page: Any) -> None:
        page.locator(what).first.click()
        page.wait_for_timeout(SETTLE_MS)

    return act


def _type(text: str) -> Act:
    """Into the search box: what it suggests, the first one marked."""

    def act(page: Any) -> None:
        page.keyboard.press("/")
        page.keyboard.type(text)
        page.wait_for_selector("#hits [role=option], #hits .none")
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(SETTLE_MS)

    return act


def _press(key: str) -> Act:
    def act(page: Any) -> None:
        page.keyboard.press(key)
        page.wait_for_timeout(SETTLE_MS)

    return act


def _print(page: Any) -> None:
    page.emulate_media(media="print")
    page.wait_for_timeout(SETTLE_MS)


def _wait(what: str) -> Act:
    return lambda page: page.wait_for_selector(what)


def _load(button: str, part: str) -> Act:
    """A part that the page fetches when asked."""

    def act(page: Any) -> None:
        page.locator(button).first.click()
        page.wait_for_selector(part)

    return act


def _refused(page: Any) -> None:
    page.fill("#username", f"nobody-{uuid.uuid4().hex[:6]}")  # too often the same one would be locked out
    page.fill("#password", "a word")
    page.press("#password", "Enter")
    page.wait_for_selector("[role=alert]")
