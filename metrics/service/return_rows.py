"""The rows behind a cell of the returns: goods received, or money given back. Not here: the cells (returns.py)."""

# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from typing import Final

from metrics.service.listing import Listing
from metrics.service.returns import TIED

WHAT: Final = ("returns", "refunds")
# `$any_…`: whatever the channel; else a channel by its id, null where no goods came back.
CELL: Final = "($any_bought or channel = $bought) and ($any_returned or {0} is not distinct from $returned)"
RETURNS: Final = Listing(
    f"""{TIED},
rows as (select * from received where {CELL.format("service_channel")})
select r.order_id, r.channel as bought, r.service_channel as returned, r.store, r.begun, r.received_at, r.refunded_at,
    r.took, r.refunded, p.currency, p.profile
from rows r left join purchases p on p.order_id = r.order_id and p.channel = r.channel""",
    (
        *("order_id", "bought", "returned", "store", "requested_at", "received_at", "refunded_at"),
        *("took", "refunded", "currency", "profile"),
    ),
    "r.received_at desc, r.order_id, r.channel, r.service_channel, r.key",
)
REFUNDS: Final = Listing(
    f"""{TIED},
rows as (select * from paid where day between $first and $last and {CELL.format("returned")})
select r.order_id, r.channel as bought, r.returned, r.paid_in, r.kind, r.occurred_at, r.amount, r.currency, p.profile
from rows r left join purchases p on p.order_id = r.order_id and p.channel = r.channel""",
    ("order_id", "bought", "returned", "refunded_in", "kind", "refunded_at", "amount", "currency", "profile"),
    "r.occurred_at desc, r.order_id, r.channel, r.paid_in, r.kind, r.key",
)
LISTS: Final = dict(zip(WHAT, (RETURNS, REFUNDS), strict=True))
