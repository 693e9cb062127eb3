"""Everything a batch says about money and goods, written in ONE fixed order. Not here: any one fact's rules.

To add a fact or record: its file beside this one, and its line below.
"""

from collections.abc import Mapping, Sequence
from decimal import localcontext
from typing import Any

import msgspec

from kernel.db import Connection, Statements, rows
from kernel.event import Clean, Record
from metrics import rollups
from metrics.distinct_windows import AnswerRow, OrderRow
from metrics.facts import (
    costs,
    feedback,
    member_accounts,
    membership,
    orders,
    payouts,
    prices,
    products,
    rates,
    spend,
    stock,
    targets,
    tickets,
)
from metrics.facts.base import EXACT, ChannelSettings, WorkspaceSettings
from metrics.facts.marks import Marked
from metrics.facts.rows import Order
from metrics.facts.tables import Key
from metrics.rollups import Amounts
from metrics.rollups import amounts as no_amounts

SQL = Statements(__file__)


class FactChanges(msgspec.Struct):
    """What a batch changed. Orders and answers: as far as customers are counted, only those where that changed."""

    orders_before: list[OrderRow] = []
    orders_after: list[OrderRow] = []
    answers_before: list[AnswerRow] = []
    answers_after: list[AnswerRow] = []
    sightings: set[int] = set()  # whose purchases or answers changed in any way
    marked: Marked = set()  # events that the ledger has something to say of
    unmarked: Marked = set()  # and has no more
    currencies: set[str] = (
        set()
    )  # whose worth changed: profiles with orders in them are to be summed up again
    differing: dict[str, tuple[list[Any], list[Any]]] = {}  # table of the mirror -> rows before and after
    recosted: set[str] = set()  # orders whose lines cost something else now


NOTHING = FactChanges()


def settings_of(db: Connection, workspace: int) -> WorkspaceSettings:
    """The workspace as far as facts ask."""
    found = rows(db, SQL["settings"], workspace=workspace)
    zone, currency = found[0][:2]
    channels = {channel: ChannelSettings(*rest) for _, _, channel, *rest in found if channel is not None}
    return WorkspaceSettings(workspace, zone, currency, channels)


def apply(
    db: Connection, settings: WorkspaceSettings, fresh: Sequence[Clean], records: Sequence[Record]
) -> FactChanges:
    """Writes the batch's facts and records and adds what they change to the roll-ups. All locks are held."""
    changed = FactChanges()
    with localcontext(EXACT):
        changes = _records(db, settings, records, changed) if records else []
        remade = orders.apply(db, settings, fresh)
        changes.append(remade.change)
        _orders(remade, changed)
        answered = feedback.apply(db, settings, fresh)
        _answers(answered, changed)
        opened = tickets.apply(db, settings, fresh)
        steps = membership.apply(db, settings, fresh)
        accounts = member_accounts.apply(db, settings, fresh)
        rollups.add(db, settings.workspace, _together(changes))
    changed.differing |= remade.differing
    for name, (before, after) in {"answers": answered, "tickets": opened}.items():
        pairs = _changed(before, after)
        changed.differing[name] = ([old for old, _ in pairs if old], [new for _, new in pairs if new])
    changed.differing["memberships"] = ([], list(steps))
    changed.differing["accounts"] = ([], list(accounts))
    return changed


def _records(
    db: Connection, settings: WorkspaceSettings, records: Sequence[Record], changed: FactChanges
) -> list[Amounts]:
    products.apply(db, settings, records)
    pairs = prices.apply(db, settings, records).changed()
    changed.differing["prices"] = ([old for old, _ in pairs if old], [new for _, new in pairs])
    valid = costs.apply(db, settings, records)
    payouts.apply(db, settings, records)
    targets.apply(db, settings, records)
    changed.currencies = rates.apply(db, settings, records)
    recosted = costs.recost(db, settings, valid)
    changed.recosted = recosted.orders
    return [
        recosted.change,
        stock.apply(db, settings, records, valid),
        spend.apply(db, settings, records),
    ]


def _orders(remade: orders.Remade, changed: FactChanges) -> None:
    changed.marked, changed.unmarked = remade.marked, remade.unmarked
    for before, after in _changed(remade.before, remade.after):
        changed.sightings.update(o.sighting_id for o in (before, after) if o and o.sighting_id is not None)
        old, new = before and _order(before), after and _order(after)
        if old != new:
            changed.orders_before += [old] if old else []
            changed.orders_after += [new] if new else []


def _answers(answered: feedback.Answered, changed: FactChanges) -> None:
    for before, after in _changed(answered.before, answered.after):
        changed.sightings.update(a.sighting_id for a in (before, after) if a and a.sighting_id is not None)
        old, new = before and _answer(before), after and _answer(after)
        if old != new:
            changed.answers_before += [old] if old else []
            changed.answers_after += [new] if new else []


def _changed(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> list[tuple[Any, Any]]:
    """Pairs of rows as they were and as they are, None where there is none, where they differ."""
    pairs = [(before.get(key), after.get(key)) for key in sorted(before.keys() | after.keys())]
    return [(old, new) for old, new in pairs if old != new]


def _order(order: Order) -> OrderRow:
    return OrderRow(
        sighting=order.sighting_id,
        channel=order.channel_id,
        order_id=order.order_id,
        at=order.occurred_at,
        message_id=order.message_id,
        day=order.day,
    )


def _answer(answer: feedback.Answer) -> AnswerRow:
    return AnswerRow(
        sighting=answer.sighting_id,
        channel=answer.channel_id,
        answer=answer.key,
        at=answer.occurred_at,
        message_id=answer.message_id,
        day=answer.day,
        satisfied=answer.satisfied,
    )


def _together(changes: list[Amounts]) -> Amounts:
    sums = no_amounts()
    for change in changes:
        for key, amount in change.items():
            sums[key] += amount
    return sums
