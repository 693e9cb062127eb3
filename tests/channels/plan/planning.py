"""For tests of tracking plans: saving one, sending against it, looking at what was counted."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from kernel.db import rows, run
from tests.shop import Shop, track

PRICE = {
    "mode": "warn",
    "properties": {
        "sku": {"type": "string", "required": True, "pattern": "[A-Z]+-[0-9]+"},
        "price": {"type": "number", "required": True, "min": 0, "max": 1000},
        "color": {"type": "string", "enum": ["red", "green"]},
    },
}


def plan(shop: Shop, events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Saves a plan over the API; what it answers."""
    answer = shop.api().put("/api/plan/", {"events": events} | more, format="json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def refusal(shop: Shop, events: Any) -> str:
    """The sentence by which a plan is refused."""
    answer = shop.api().put("/api/plan/", {"events": events}, format="json")
    assert answer.status_code == 400, answer.content
    return answer.json()["message"]


def since(shop: Shop, at: datetime, version: int = 1) -> None:
    """A version of the plan, valid since an earlier time."""
    run(
        connection,
        "update channels_plan set valid_from = %(at)s where workspace_id = %(workspace)s and version = %(version)s",
        at=at,
        workspace=shop.workspace.pk,
        version=version,
    )


def viewed(user: str | None = "u1", **properties: Any) -> dict[str, Any]:
    return track("Product Viewed", user, **properties)


def violations(shop: Shop, **narrowed: Any) -> list[tuple[str, str, str, int, int, int]]:
    """Event, property, code, count, refused, checked."""
    names = ("event", "property", "code", "count", "refused", "checked")
    found = shop.get("/api/plan/violations/", **narrowed)["results"]
    return sorted(tuple(one[name] for name in names) for one in found)


def kept(shop: Shop) -> list[Any]:
    """All that is counted, as it lies there."""
    workspace = shop.workspace.pk
    return [
        *rows(
            connection,
            "select day, event, connector_id, checked, broken, refused from channels_planned"
            " where workspace_id = %(workspace)s order by 1, 2, 3",
            workspace=workspace,
        ),
        *rows(
            connection,
            "select day, event, connector_id, property, code, count, refused, wanted, value, message_id, received_at,"
            " request, position from channels_violation where workspace_id = %(workspace)s order by 1, 2, 3, 4, 5",
            workspace=workspace,
        ),
    ]


def today(shop: Shop) -> str:
    from kernel import periods

    return periods.day(datetime.now(UTC), periods.zone(shop.workspace.timezone)).isoformat()
