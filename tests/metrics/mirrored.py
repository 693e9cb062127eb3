"""The mirror that PostgreSQL's rows come to, in memory: for tests of answers that are held against PostgreSQL's own.

Not here: how the mirror follows (tests/metrics/mirror).
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from kernel import contacts, vocabulary
from metrics.mirror.tables import IDENTIFYING, TABLES
from tests.metrics.mirror_tables import InMemory

FACTS = {
    "orders": """select o.*, o.channel_id as channel, s.data->'campaign'->>'name' as campaign,
            s.data->'campaign'->>'source' as source,
            dense_rank() over (order by o.message_id collate "C") as tie, o.sighting_id as sighting
        from metrics_order o left join profiles_event e on e.workspace_id = o.workspace_id and e.id = o.event_id
        left join profiles_surrounding s on s.workspace_id = e.workspace_id and s.id = e.surrounding_id""",
    "settlements": "select *, channel_id as channel from metrics_settlement",
    "order_lines": """select *, channel_id as channel, round(quantity * price - coalesce(discount, 0), 4) as net,
            quantity * unit_cost as cost from metrics_order_line""",
    "refunds": "select *, channel_id as channel, service_channel_id as service_channel from metrics_refund",
    "returns": "select *, channel_id as channel, service_channel_id as service_channel from metrics_return",
    "return_lines": "select *, channel_id as channel, service_channel_id as service_channel from metrics_return_line",
    "payments": """select *, channel_id as channel, service_channel_id as service_channel, sighting_id as sighting
        from metrics_payment""",
    "shipments": "select *, channel_id as channel, service_channel_id as service_channel from metrics_shipment",
    "answers": """select *, channel_id as channel, sighting_id as sighting,
            dense_rank() over (order by message_id collate "C") as tie from metrics_answer""",
    "tickets": "select *, channel_id as channel, sighting_id as sighting from metrics_ticket",
    "memberships": "select *, sighting_id as sighting, 0 as tie from metrics_membership where sighting_id is not null",
    "accounts": "select *, sighting_id as sighting, channel_id as channel, 0 as tie from metrics_member_account",
    "prices": "select *, channel_id as channel, at as occurred_at from metrics_price",
}


Opening = Callable[[int], AbstractContextManager[InMemory]]
STATE = """select (select count(*) from profiles_event) as events, (select count(*) from metrics_cost) as costs,
    (select md5(string_agg(sighting_id || '-' || profile_id, ',' order by sighting_id)) from profiles_owner) as owned"""


def following() -> Opening:
    """An `open_mirror`: a workspace's as it is now, kept until something is stored."""
    held: dict[Any, InMemory] = {}

    @contextmanager
    def opened(workspace: int) -> Iterator[InMemory]:
        state = (workspace, *rows(STATE)[0].values())
        if state not in held:
            held.clear()
            held[state] = filled(workspace)
        yield held[state]

    return opened


def filled(workspace: int) -> InMemory:
    """One workspace's mirror, as it is now."""
    found = InMemory()
    for name, text in FACTS.items():
        own = set(TABLES[name].names)
        lines = rows(f"select * from ({text}) x where x.workspace_id = %s", workspace)
        found.put(name, [{key: value for key, value in line.items() if key in own} for line in lines])
    found.put("customers", customers(workspace))
    found.put("touches", list(touches(workspace)))
    found.put("traits", list(traits(workspace)))
    return found


def rows(text: str, *values: Any) -> list[dict[str, Any]]:
    """Rows as dictionaries; times naive and in UTC."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        names = [column[0] for column in cursor.description]
        return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor]


def decoded(value: Any) -> dict[str, Any]:
    """A JSON object, however the driver gives it; nothing: empty."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value or {}
    return found


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value


def customers(workspace: int) -> list[dict[str, Any]]:
    return rows(
        """select o.sighting_id as sighting, o.profile_id as profile, exists (
                select from profiles_sighting s join profiles_identifier i
                    on i.workspace_id = s.workspace_id and i.id = any(s.ids || s.owner)
                where s.workspace_id = o.workspace_id and s.id = o.sighting_id and i.kind = any(%s)
            ) as identified
        from profiles_owner o where o.workspace_id = %s""",
        sorted(IDENTIFYING),
        workspace,
    )


def touches(workspace: int) -> Iterator[dict[str, Any]]:
    found = rows(
        """select e.*, s.data->'campaign' as campaign from profiles_event e
        left join profiles_surrounding s on s.workspace_id = e.workspace_id and s.id = e.surrounding_id
        where e.workspace_id = %s and e.sighting_id is not null order by e.id""",
        workspace,
    )
    for tie, event in enumerate(found):
        if contacts.contact(event["type"], event["marks"]):
            row = vocabulary.event(event["name"]) if event["type"] == "track" else None
            data, campaign = decoded(event["data"]), decoded(event["campaign"])
            said = data.get("properties") or {}
            if not campaign and event["touchpoint"] == "marketing":
                campaign = {"name": said.get("campaign"), "source": said.get("source")}
            yield {
                **{name: event[name] for name in ("occurred_at", "touchpoint", "name")},
                "tie": tie,
                "sighting": event["sighting_id"],
                "channel": event["channel_id"],
                "active": contacts.active(event["type"], row, event["marks"]),
                "campaign": campaign.get("name"),
                "source": campaign.get("source"),
                "properties": json.dumps(said) if said else None,
            }


def traits(workspace: int) -> Iterator[dict[str, Any]]:
    found = rows("select * from profiles_trait where workspace_id = %s and name = 'city'", workspace)
    for one in found:
        yield {
            "sighting": one["sighting_id"],
            "name": "city",
            "value": json.loads(one["value"]),
            "occurred_at": one["last_at"],
            "tie": 0,
        }
