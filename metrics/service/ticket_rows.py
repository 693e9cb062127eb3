"""The tickets behind a cell, newest first. Not here: the cells (tickets.py)."""

# ruff: noqa: S608 - nothing that somebody wrote is in these texts

from typing import Final

from metrics.service.listing import Listing
from metrics.service.tickets import TOLD

WHICH: Final = {  # tickets of a cell one may ask for alone
    "opened": "true",
    "resolved": "resolved_at is not null",
    "open": "closed_at is null",
    "reopened": "reopened > 0",
}


def tickets(which: str) -> Listing:
    """Tickets of one of WHICH. `$any_…`: whatever the channel; `$bought` null: about no order that is known."""
    return Listing(
        f"""{TOLD},
rows as (
    select * from timed where ($any_bought or bought is not distinct from $bought)
        and ($any_served or channel = $served) and {WHICH[which]}
)
select r.key, r.channel, r.bought, r.order_id, r.topic, r.occurred_at, r.first_response_at, r.resolved_at, r.closed_at,
    r.answer, r.resolution, r.reopened, c.profile
from rows r left join customers c using (sighting)""",
        (
            *("ticket_id", "served", "bought", "order_id", "topic", "opened_at", "first_response_at"),
            *("resolved_at", "closed_at", "answer", "resolution", "reopened", "profile"),
        ),
        "r.occurred_at desc, r.channel, r.key",
    )
