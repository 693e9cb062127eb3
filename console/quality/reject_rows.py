"""Rejects and their groups as pages show them. Not here: a page of them (rejects.py), one of them (opened.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels import queries, reasons
from channels.inbox import rejects
from channels.models import Channel, Connector
from console.event import event_repairs
from kernel.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rejects of a reason, field and connector, with what to do and what hangs on it."""

    reason: str
    label: str
    remedy: Promise | str
    field: str
    channel: Channel
    connector: UUID
    connector_name: str
    count: int
    since: datetime
    money: list[tuple[str, Decimal]]  # currency, amount
    current: bool  # the one that is looked into

    @property
    def query(self) -> str:
        """What names it in an address."""
        named = {"reason": self.reason, "field": self.field, "connector": str(self.connector)}
        return urlencode({name: value for name, value in named.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A reject."""

    id: str
    channel: Channel | None
    connector: str
    reason: str
    label: str
    field: str
    hint: str
    remedy: str
    as_it_is: bool  # replaying it unchanged may help
    message_id: str
    received_at: str
    state: str
    copies: int
    raw: str  # as received
    fixed: str | None  # as it stands now, where somebody changed it
    repairs: list[event_repairs.Repair]


def told(group: queries.RejectGroup, given: Mapping[str, str] | None = None) -> Group:
    """A group in words. `given`: the reason, field and connector that are looked into."""
    reason, asked = reasons.of(group.reason), given or {}
    same = (group.reason, str(group.connector)) == (asked.get("reason"), asked.get("connector"))
    return Group(
        reason=group.reason,
        label=str(reason.label),
        remedy=str(reason.remedy),
        field=group.field,
        channel=group.channel,
        connector=group.connector,
        connector_name=group.connector_name,
        count=group.count,
        since=group.since,
        money=sorted(group.money.items()),
        current=same and asked.get("field", "") in ("", group.field),
    )


def connector(workspace: int, text: str) -> int:
    """A connector's serial id by its uuid."""
    try:
        found = Connector.objects.filter(workspace_id=workspace, uuid=UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise BadRequest(_("The connector in the address is not one of this workspace: all are shown."))
    return found.pk


def one(workspace: int, key: UUID, *, masked: bool) -> Row:
    """One by its id."""
    found = rejects.one(connection, workspace, key, masked=masked, words=reasons.translated)
    return rows(workspace, [found])[0]


def rows(workspace: int, items: list[dict[str, Any]]) -> list[Row]:
    """Rejects as the page shows them."""
    wanted = {item["connector"] for item in items}
    found = Connector.objects.filter(workspace_id=workspace, uuid__in=wanted).select_related("channel")
    places = {str(one.uuid): one.channel for one in found}
    return [_row(item, places.get(item["connector"])) for item in items]


def _row(item: dict[str, Any], place: Channel | None) -> Row:
    reason = reasons.of(item["reason"])
    return Row(
        id=item["id"],
        channel=place,
        connector=item["connector"],
        reason=item["reason"],
        label=str(reason.label),
        field=item["field"],
        hint=item["hint"],
        remedy=str(reason.remedy),
        as_it_is=reason.replay,
        message_id=item["message_id"],
        received_at=item["received_at"],
        state=item["state"],
        copies=item["copies"],
        raw=item["raw"],
        fixed=item["fixed"],
        repairs=event_repairs.told(item["repairs"]),
    )
