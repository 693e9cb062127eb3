"""What the ledger has to say of single messages, for their events' marks. Not here: writing them (profiles/marks).

excess              more was given back than was left of the order, or of a line
paid_after_cancel   a payment succeeded after its order was cancelled
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from metrics.facts.ledger import PAID_AFTER_CANCEL
from metrics.facts.tables import Key

EXCESS = "excess"
Marked = set[tuple[UUID, str]]  # an event and its mark


def of(found: Mapping[str, Mapping[Key, Any]]) -> Marked:
    """The marks that rows of orders come to."""
    marked = {(row.event_id, EXCESS) for row in found["refunds"].values() if row.excess}
    for row in found["return_lines"].values():
        if row.excess:  # only a return has any
            back = found["returns"][row.order_id, row.channel_id, row.service_channel_id, row.key]
            marked.add((back.event_id, EXCESS))
    paid = (row.id for row in found["waiting"].values() if row.reason == PAID_AFTER_CANCEL)
    return marked | {(event, PAID_AFTER_CANCEL) for event in paid}
