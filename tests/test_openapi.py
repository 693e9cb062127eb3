"""docs/openapi.yaml is valid, says what the code says (`make docs`), and names every field of every answer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from django.db import connection
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from cdp.pipeline import activation, erasure
from channels.studio import versions
from metrics.attribution.models import NAMES as MODELS
from metrics.catalogue import METRICS
from metrics.catalogue.parts import lists
from profiles import queries
from tests.channels.imports import dropping
from tests.channels.plan.planning import plan
from tests.metrics.allocation import settling
from tests.metrics.journeys.people import mirror_of
from tests.metrics.mirror_tables import serve
from tests.metrics.test_drill import fill
from tests.profiles.suggestions import waiting
from tests.reference.journeys_funnel import Touch
from tests.shop import START, Shop, identify, order, track

pytestmark = pytest.mark.usefixtures("mirror_of_postgresql")
WRITTEN = Path("docs/openapi.yaml")


def described() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_what_is_written_is_what_is_served() -> None:
    schema = described()
    validate_schema(schema)
    assert not GENERATOR_STATS
    assert OpenApiYamlRenderer().render(schema).decode() == WRITTEN.read_text(encoding="utf-8"), "make docs"


def test_every_operation_has_a_name_of_its_own_and_says_how_it_fails() -> None:
    paths = described()["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) > 15
    assert all("default" in one["responses"] and one["description"] for one in operations)


# ---- no field without a name ---------------------------------------------------------------------


def free(node: Any, where: str = "") -> Iterator[str]:
    """Where a description says "an object" and no more, or nothing at all of what an answer or a value is."""
    if isinstance(node, list):
        for place, one in enumerate(node):
            yield from free(one, f"{where}/{place}")
    if not isinstance(node, dict):
        return
    described = node.get("properties") or {}
    if node.get("type") == "object" and not (described or node.get("additionalProperties")):
        yield where
    holds = {name: node.get(name) for name in ("schema", "items", "additionalProperties")} | described
    yield from (f"{where}/{name}" for name, one in holds.items() if one == {})
    for name, one in node.items():
        yield from free(one, f"{where}/{name}")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"type": "object", "properties": {}},
        {"type": "object", "additionalProperties": {}},
        {"type": "array", "items": {"type": "object", "additionalProperties": True, "properties": {"a": {}}}},
        {"schema": {}},
    ],
)
def test_a_free_object_is_seen(schema: dict[str, Any]) -> None:
    assert list(free(schema))


def test_every_object_says_what_is_in_it() -> None:
    assert list(free(described())) == []


# ---- what is said is so --------------------------------------------------------------------------


def strict(node: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema that lets no field through which the description does not name."""
    if isinstance(node, list):
        return [strict(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: strict(one) for name, one in node.items() if name != "nullable"}
    if made.get("type") == "object" and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if node.get("nullable") else made


class Judge:
    """Holds answers against the description."""

    def __init__(self) -> None:
        schema = described()
        self.paths, self.components = schema["paths"], strict(schema["components"])

    def faults(self, pattern: str, method: str, answer: Any) -> list[str]:
        content = self.paths[pattern][method]["responses"]["200"]["content"]["application/json"]
        whole = {"components": self.components, **strict(content["schema"])}
        checker = jsonschema.Draft202012Validator(
            whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        )
        return [f"{'/'.join(map(str, one.path))}: {one.message[:200]}" for one in checker.iter_errors(answer)]


@pytest.fixture
def shop(db: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Something behind every address: facts and records of all kinds, joins, conflicts, a shared phone, rejects."""
    found = Shop()
    fill(found)
    rule = '[clean."properties.shelf"]\ntrim = true\n[[message]]\nwhen = "nobody"\nkeep = true\n'
    versions.save(connection, found.connectors["store"], rule, "ann", "blanks")
    found.sends(track("Shelf Seen", "u1", shelf=" 7 "), to="store")
    lamp = [{"sku": "LAMP", "price": "8", "quantity": 1}]
    found.sends(order("o80", "8", "u1", "2026-03-05T00:00:00Z", products=lamp), to="store")
    found.sends(
        identify("u1", name="Lin", phone="13812345678", email="lin@hemu.cn", tags=["a", {"b": None}], age=3),
        *(identify(f"s{n}", phone="13900000000") for n in range(5)),
        identify("u9", anonymous="c1"),
        {"type": "identify", "userId": "u1", "anonymousId": "c2", "traits": {}},
        {"type": "identify", "userId": "u2", "anonymousId": "c2", "traits": {}},
        {"type": "group", "groupId": "g1", "userId": "u1", "traits": {"size": 4}},
        {"type": "alias", "previousId": "c9", "userId": "u1"},
        track("Consent Given", "u1", purpose="marketing", channel="sms", proof="form 1"),
        track("Seen", "u1", context={"gpc": True, "consent": {"categoryPreferences": {"Ads": True}}}),
        {"type": "page", "name": "Home", "category": "Start", "userId": "u1"},
        track("order_completed", "u7", order_id="o77", total="10"),
        order("o78", "10", "u1", currency="EUR"),
        track("Payment Succeeded", "u1", order_id="nobody-knows", amount="5", payment_id="p1"),
        track("Payment Succeeded", "u1", order_id="o1", amount="5", payment_id="p2"),
        track("Payment Succeeded", "u1", START, order_id="lost", amount="5", payment_id="p3"),
        track("Ticket Opened", "u1", ticket_id="t1"),
        track("Membership Joined", "u1", member_no="VIP-0001"),
        {"type": "identify", "anonymousId": "till", "traits": {"name": "Lin", "email": "lim@hemu.cn"}},
        {"type": "track", "userId": "u1", "messageId": "bad-1"},
        {"type": "track", "userId": "u1", "messageId": "bad-2", "event": "Order Completed"},
    )
    found.records(
        {"type": "product", "sku": "A", "name": "Sock", "tags": ["warm"]},
        {"type": "target", "metric": "gmv", "value": "100", "from": "2026-03-01"},
        {"type": "rate", "currency": "GBP", "rate": "9.1"},
        *(
            {"type": "price", "sku": "LAMP", "price": price, "channel": to, "at": "2026-03-02T00:00:00Z"}
            for to, price in (("web-shop", "9"), ("store", "8"))
        ),
        *(
            {"type": "stock", "sku": "LAMP", "quantity": n, "channel": to, "at": "2026-03-02T00:00:00Z"}
            for to, n in (("web-shop", 90), ("store", 0))
        ),
        {"type": "payout", "order_id": "o2", "amount": "44", "fees": [{"kind": "commission", "amount": "6"}]},
    )
    one, other = (found.profile(f"user_id:{user}")["id"] for user in ("s0", "s1"))
    merged = found.api().post(
        f"/api/profiles/{one}/merge/", {"other": other, "reason": "a test"}, content_type="application/json"
    )
    assert merged.status_code == 200
    waiting.put(found, "user_id:u1", "email:lim@hemu.cn")
    known, _id = queries.resolve(connection, found.workspace.pk, found.profile("user_id:u1")["id"])
    touched = [Touch(known, START, n, "web", name) for n, name in enumerate("AB")]
    mirror = mirror_of([*touched, Touch(known, START + timedelta(hours=1), 9, "web", "D", "spring")])
    web = next(
        i for i, slug in queries.channel_slugs(connection, found.workspace.pk).items() if slug == "web-shop"
    )
    bought = {"day": START.date(), "sighting": 10 * known, "channel": web, "total": 10, "refunded": 0}
    mirror.put(
        "orders",
        [
            bought
            | {"order_id": f"o{n}", "occurred_at": START.replace(tzinfo=None), "currency": currency, "tie": n}
            for n, currency in enumerate(("CNY", "XAU"))
        ],
    )
    changed = {
        "sighting": 10 * known,
        "channel": web,
        "occurred_at": START.replace(tzinfo=None),
        "kind": "earned",
    }
    mirror.put(
        "accounts",
        [
            changed | {"unit": unit, "amount": 5, "currency": code}
            for unit, code in (("points", ""), ("balance", "CNY"))
        ],
    )
    for table, rows in served(web, 10 * known).items():
        mirror.put(table, rows)
    met = {"store": "8", "web-shop": "9"}
    for channel, slug in queries.channel_slugs(connection, found.workspace.pk).items():
        at = bought | {
            "order_id": f"met-{slug}",
            "channel": channel,
            "occurred_at": START.replace(tzinfo=None),
        }
        mirror.put("orders", [at | {"currency": "CNY", "tie": 9}] * (slug in met))
        line = {name: at[name] for name in ("order_id", "channel", "occurred_at", "day")}
        line |= {"line": 0, "sku": "LAMP", "quantity": 1, "net": met.get(slug), "currency": "CNY"}
        mirror.put("order_lines", [line] * (slug in met))
    serve(monkeypatch, mirror)
    kept = {
        "name": "Sales",
        "kind": "metric",
        "params": {"name": "gmv", "channel": ["store"]},
        "board": "week",
    }
    for path, asked in (("/api/boards/", {"name": "Week", "slug": "week"}), ("/api/analyses/", kept)):
        assert found.api().post(path, asked, format="json").status_code == 201
    for slug, rule in (("known", {"has": "user_id"}), ("buyers", {"orders": {"gte": 1}})):
        asked = {"name": slug, "slug": slug, "rule": rule}
        assert found.api().post("/api/segments/", asked, format="json").status_code == 201
    head, good, bad = ["order_id", "total"], ["f1", "5"], ["f2", "much"]
    files = dropping.file_connector(found)
    dropping.drop(found, files, dropping.text(head, good, bad), dry_run="1")
    dropping.drop(found, files, dropping.text(head, good))
    plan(found, {"Shelf Seen": {"mode": "warn", "properties": {"shelf": {"type": "integer", "min": 1}}}})
    found.sends(track("Shelf Seen", "u1", shelf="8"))
    return found


def served(web: int, sighting: int) -> dict[str, list[dict[str, Any]]]:
    """A return with its refund, a ticket, and payments on two days, for the mirror."""
    at, day = START.replace(tzinfo=None), START.date()
    later = at + timedelta(days=1)
    mine = {"order_id": "o0", "channel": web, "service_channel": web, "key": "k", "occurred_at": at}
    return {
        "returns": [mine | {"requested_at": at, "received_at": at, "day": day}],
        "refunds": [
            mine | {"kind": kind, "day": day, "order_day": day, "currency": "CNY", "amount": 1}
            for kind in ("refund", "cancel")
        ],
        "tickets": [
            {name: mine[name] for name in ("channel", "key", "occurred_at", "order_id")}
            | {"opened_at": at, "resolved_at": later, "reopened": 0, "sighting": sighting}
        ],
        "payments": [
            mine
            | {"key": f"k{n}", "order_id": f"o{n}", "occurred_at": when, "state": state, "method": "card"}
            | {"currency": "CNY", "sighting": sighting, "failed_at": when if state == "failed" else None}
            | {"succeeded_at": when if state == "succeeded" else None}
            for n, (when, state) in enumerate(((at, "failed"), (later, "succeeded"), (later, "started")))
        ],
    }


def destination(shop: Shop) -> str:
    """One that refuses, one that fails, and what they did not send."""
    bucket = {"bucket": "s3://nobodys-bucket/x", "endpoint": "http://127.0.0.1:9"}
    found = {}
    for kind, settings in (("csv_bucket", bucket), ("webhook", {"url": "http://127.0.0.1:9/hook"})):
        body = {
            "name": "CRM",
            "kind": kind,
            "settings": settings,
            "segments": [{"segment": "tea", "on": "all"}],
            "events": {"names": ["Lamp Seen"], "channel": "web-shop"},
            "quiet": {"from": "03:00", "to": "03:01"},
        }
        found = shop.api().post("/api/destinations/", body, format="json").json()
    shop.sends(track("Lamp Seen", "u1"))
    activation.run()
    return str(found["id"])


def addresses(shop: Shop) -> dict[str, list[str]]:
    """Every path that can be read, filled with what is there."""
    profiles = [one["id"] for one in shop.get("/api/profiles/")["results"]]
    messages = [one["message_id"] for one in shop.get("/api/events/", limit=200)["results"]]
    analyses = [one["id"] for one in shop.get("/api/analyses/")["results"]]
    connectors = [one["connector"] for one in shop.get("/api/connectors/")["results"]]
    sent = destination(shop)
    march = "from=2026-03-01&to=2026-03-31"
    every = {
        "/api/profiles/{key}/": [f"/api/profiles/{key}/" for key in profiles],
        "/api/profiles/{key}/timeline/": [f"/api/profiles/{key}/timeline/" for key in profiles],
        "/api/profiles/{key}/joins/": [f"/api/profiles/{key}/joins/" for key in profiles],
        "/api/profiles/{key}/decisions/": [f"/api/profiles/{key}/decisions/" for key in profiles],
        "/api/profiles/{key}/consent/": [f"/api/profiles/{key}/consent/" for key in profiles],
        "/api/profiles/by/{kind}/{value}/summary/": [
            "/api/profiles/by/user_id/u1/summary/",
            "/api/profiles/by/email/lin@hemu.cn/summary/",
        ],
        "/api/retention/": ["/api/retention/", "/api/retention/?preview=1&rejects=1&audit=null"],
        "/api/events/{message_id}/life/": [
            f"/api/events/{quote(one, safe='')}/life/" for one in [*messages, "bad-1", "bad-2"]
        ],
        "/api/metrics/{name}/": [
            *(f"/api/metrics/{one.name}/?{march}&by=channel" for one in METRICS),
            f"/api/metrics/gmv/?{march}&by=store&filter=city:null",
        ],
        "/api/metrics/{name}/target/": [f"/api/metrics/{one.name}/target/?{march}" for one in METRICS],
        "/api/metrics/{name}/rows/": [
            f"/api/metrics/{one.name}/rows/?{march}&part={part.name}"
            for one in METRICS
            for part in lists(one)
        ],
        "/api/analyses/{number}/": [f"/api/analyses/{number}/" for number in analyses],
        "/api/boards/{slug}/": ["/api/boards/week/"],
        "/api/segments/{slug}/": ["/api/segments/known/"],
        "/api/segments/{slug}/members/": ["/api/segments/known/members/"],
        "/api/segments/{slug}/history/": ["/api/segments/known/history/"],
        "/api/segments/{slug}/insight/": [
            f"/api/segments/buyers/insight/{more}" for more in ("", "?against=known")
        ],
        "/api/segments/overlap/": ["/api/segments/overlap/?a=known&b=buyers"],
        "/api/imports/{number}/": [
            f"/api/imports/{one['id']}/" for one in shop.get("/api/imports/")["results"]
        ],
        "/api/connectors/{uuid}/": [f"/api/connectors/{uuid}/" for uuid in connectors],
        "/api/connectors/{uuid}/mapping/": [f"/api/connectors/{uuid}/mapping/" for uuid in connectors],
        "/api/connectors/{uuid}/cleaning/": [f"/api/connectors/{uuid}/cleaning/" for uuid in connectors],
        "/api/destinations/{uuid}/": [f"/api/destinations/{sent}/"],
        "/api/deliveries/": [f"/api/deliveries/?destination={sent}&state=failed", "/api/deliveries/"],
        "/api/records/": [
            f"/api/records/?type={kind}"
            for kind in ("product", "price", "stock", "cost", "spend", "payout", "target", "rate")
        ],
        "/api/consistency/": [f"/api/consistency/?{march}", "/api/consistency/?within=30d"],
        "/api/consistency/people/": [
            f"/api/consistency/people/?from=2026-06-13&to=2026-07-13&met={met}" for met in (0, 1)
        ],
        "/api/roi/": ["/api/roi/?at=2026-04-01&window=21d&joined=web-shop&cost=9"],
        "/api/payouts/": [f"/api/payouts/?{march}", f"/api/payouts/?{march}&state=matched&limit=1"],
        "/api/parity/history/": ["/api/parity/history/?sku=LAMP&at=2026-03-20"],
        "/api/parity/people/": [f"/api/parity/people/?{march}"],
        "/api/stock/oversold/": ["/api/stock/oversold/?at=2026-03-20"],
    }
    funnel = "steps=A,B&from=2026-03-01&to=2026-03-31"
    every |= {
        "/api/journeys/funnel/": [
            f"/api/journeys/funnel/?{funnel}",
            f"/api/journeys/funnel/?{funnel}&by=campaign",
        ],
        "/api/journeys/funnel/people/": [f"/api/journeys/funnel/people/?{funnel}"],
        "/api/journeys/paths/": ["/api/journeys/paths/", f"/api/journeys/paths/?level=event&top=5&{march}"],
        "/api/journeys/paths/people/": [f"/api/journeys/paths/people/?{march}"],
    }
    every |= cohorts() | together() | service() | credited(shop) | settled(shop) | erased(shop)
    plain = [path for path, methods in described()["paths"].items() if "get" in methods and "{" not in path]
    return {path: [path] for path in plain if path != "/api/schema/"} | every


def service() -> dict[str, list[str]]:
    """Of what `SERVED` puts in the mirror in March, and of the messages sent."""
    march, sales, paid = "from=2026-03-01&to=2026-03-31", "/api/aftersales/", "/api/payments/"
    return {
        f"{sales}returns/": [f"{sales}returns/?{march}"],
        f"{sales}returns/rows/": [
            f"{sales}returns/rows/?rows={rows}&{march}" for rows in ("returns", "refunds")
        ],
        f"{sales}tickets/": [f"{sales}tickets/?{march}", f"{sales}tickets/?{march}&cost=web-shop:1"],
        f"{sales}tickets/rows/": [f"{sales}tickets/rows/?{march}"],
        f"{sales}orders/{{channel}}/{{order_id}}/": [f"{sales}orders/web-shop/o1/"],
        paid: [f"{paid}?{march}&by={by}" for by in ("method", "channel", "reason")],
        f"{paid}rows/": [f"{paid}rows/?{march}"],
        f"{paid}arrival/": [
            f"{paid}arrival/?method=card&channel=web-shop&at=2026-03-{day}&window=1d" for day in ("02", "20")
        ],
        f"{paid}troubles/": [f"{paid}troubles/?{march}&kind={kind}" for kind in ("orphan", "duplicate")],
    }


def cohorts() -> dict[str, list[str]]:
    """Of one order on the web shop in March, and what came before it."""
    march, at = "from=2026-03-01&to=2026-03-31", "/api/journeys/"
    return {
        f"{at}retention/": [
            f"{at}retention/?{march}&measure={measure}&by=campaign"
            for measure in ("customers", "orders", "revenue")
        ],
        f"{at}retention/people/": [f"{at}retention/people/?cohort=2026-03-01"],
        f"{at}switching/": [f"{at}switching/?{march}"],
        f"{at}switching/people/": [f"{at}switching/people/?{march}&target=web-shop"],
        f"{at}switching/value/": [f"{at}switching/value/?{march}"],
        f"{at}touchpoints/": [f"{at}touchpoints/?{march}"],
        f"{at}touchpoints/people/": [
            f"{at}touchpoints/people/?{march}&touchpoint=store&outcome={outcome}"
            for outcome in ("with", "without")
        ],
    }


def together() -> dict[str, list[str]]:
    """Membership and marketing."""
    march, members, marketing = "from=2026-03-01&to=2026-03-31", "/api/membership/", "/api/marketing/"
    return {
        members: [f"{members}?{march}"],
        f"{members}people/": [f"{members}people/?{march}&who=others"],
        f"{members}accounts/": [f"{members}accounts/?{march}&by={by}" for by in ("tier", "channel")],
        f"{members}joining/": [f"{members}joining/?{march}"],
        f"{members}joining/people/": [
            f"{members}joining/people/?from=2026-04-01&to=2026-04-30&outcome=others"
        ],
        marketing: [f"{marketing}?{march}&model=linear"],
        f"{marketing}people/": [f"{marketing}people/?{march}&campaign=spring"],
        f"{marketing}reach/": [f"{marketing}reach/?{march}"],
        f"{marketing}response/": [f"{marketing}response/?{march}"],
    }


def credited(shop: Shop) -> dict[str, list[str]]:
    """Of attribution, under every model; and one of its orders."""
    march, at = "from=2026-03-01&to=2026-03-31", "/api/attribution/"
    listed = f"{at}orders/?{march}&key=null"
    one = shop.api().get(listed).json()["results"][0]
    return {
        at: [
            *(f"{at}?{march}&model={name}&by=campaign&worth=chain&compare=last" for name in MODELS),
            *(f"{at}?{march}&by={by}" for by in ("channel", "source")),
        ],
        f"{at}orders/": [listed],
        f"{at}people/": [f"{at}people/?{march}&key=null"],
        f"{at}orders/{{channel}}/{{order_id}}/": [f"{at}orders/{one['channel']}/{quote(one['order_id'])}/"],
    }


def settled(shop: Shop) -> dict[str, list[str]]:
    """Of a statement that was disputed and closed, and of the next one; and of a channel's own people."""
    at, member = "/api/allocation/statements/", shop.get("/api/members/")["results"][0]["id"]
    settling.closed_and_open(shop)
    return {
        f"{at}{{number}}/": [f"{at}1/", f"{at}2/"],
        f"{at}{{number}}/orders/": [f"{at}1/orders/", f"{at}2/orders/?channel=web-shop"],
        "/api/members/{number}/channels/": [f"/api/members/{member}/channels/"],
    }


def erased(shop: Shop) -> dict[str, list[str]]:
    """An erasure that is done, and one that waits."""
    shop.sends(identify("gone", phone="13977770001"), identify("going", phone="13977770002"))
    at, ids = "/api/erasures/", []
    for phone in ("13977770001", "13977770002"):
        asked = {"identifier": {"kind": "phone", "value": phone}, "reason": "asked", "suppress": True}
        ids.append(shop.api().post("/api/erase/", asked, format="json").json()["erasure"])
        if len(ids) == 1:
            erasure.run_all()
    shop.api().post(f"{at}{ids[0]}/verify/", {}, format="json")
    return {f"{at}{{number}}/": [f"{at}{one}/" for one in ids]}


def _json(answer: dict[str, Any]) -> bool:
    """Whether an answer is a document, no file."""
    return "application/json" in answer.get("content", {"application/json": {}})


def test_every_answer_is_as_it_is_described(shop: Shop) -> None:
    judge, api = Judge(), shop.api()
    asked = addresses(shop)
    read = {path: methods["get"] for path, methods in judge.paths.items() if "get" in methods}
    files = {path for path, one in read.items() if not _json(one["responses"]["200"])}
    assert set(asked) == read.keys() - files - {"/api/schema/"}
    for pattern, all_of_it in asked.items():
        answers = []
        for address in all_of_it:
            answer = api.get(address)
            assert answer.status_code == 200, address
            answers.append(answer.json())
            assert judge.faults(pattern, "get", answers[-1]) == [], address
        assert any(_says(answer) for answer in answers), f"nothing stands at {pattern}"


def _says(answer: Any) -> bool:
    """Whether a list holds something; all else does."""
    return bool(answer if isinstance(answer, list) else answer.get("results", True))


def test_what_is_done_answers_as_it_is_described(shop: Shop) -> None:
    judge, api = Judge(), shop.api()

    def does(pattern: str, path: str, **body: Any) -> Any:
        answer = api.post(path, json.dumps(body), content_type="application/json")
        assert answer.status_code == 200, answer.content
        assert judge.faults(pattern, "post", answer.json()) == []
        return answer.json()

    one, other = shop.profile("user_id:u1")["id"], shop.profile("user_id:u7")["id"]
    joined = does("/api/profiles/{key}/merge/", f"/api/profiles/{one}/merge/", other=other, reason="as told")
    a, b = ({"kind": "user_id", "value": user} for user in ("u1", "u7"))
    does("/api/profiles/{key}/split/", f"/api/profiles/{joined['id']}/split/", a=a, b=b, reason="wrong")
    mapping = f"/api/connectors/{shop.connectors['store'].uuid}/mapping/"
    tried = does(
        "/api/connectors/{uuid}/mapping/preview/",
        f"{mapping}preview/",
        text="[[message]]\nkeep = true\n",
        payloads=[order("o900", 5, "u1"), track("Order Completed", "u1"), 7],
    )
    assert [len(one["problems"]) for one in tried["results"]] == [0, 1, 1]
    assert does("/api/rejects/replay/", "/api/rejects/replay/", all=True)["still_bad"] == 2
