"""What of the events is a contact with a customer, and what the customer made: one answer for counting and for pages.

Not here: which events of ours others make (vocabulary.py), who is a crawler (channels/mapping/crawlers.py).
"""

from collections.abc import Collection, Mapping
from typing import Any

from kernel import vocabulary
from kernel.vocabulary import COMPANY, CUSTOMER

CONTACTS = ("track", "page", "screen")  # identify, group and alias are none
BOT = (
    "bot"  # marks what a known crawler sent: stored and shown, counted in no customer, journey or conversion
)
MADE_BY = "made_by"  # of a workspace's settings: names of its own events -> who makes them
NOBODYS: Mapping[str, str] = {}


def contact(kind: str, marks: Collection[str]) -> bool:
    """Whether an event is part of a customer's journey."""
    return kind in CONTACTS and BOT not in marks


def active(
    kind: str, row: vocabulary.Event | None, marks: Collection[str], own: Mapping[str, str] = NOBODYS
) -> bool:
    """Whether an event makes a customer an active one. `row`: a track's, `own`: see `own_names`."""
    return contact(kind, marks) and (row is None or maker(row, own) == CUSTOMER)


def maker(row: vocabulary.Event, own: Mapping[str, str] = NOBODYS) -> str:
    """Who makes an event: what the workspace says of its own, else the vocabulary."""
    return (own and own.get(vocabulary.folded(row.name))) or row.made_by


def own_names(said: Any) -> dict[str, str]:
    """What a workspace's settings say of its own events: folded name -> who makes it."""
    if not isinstance(said, dict):
        return {}
    return {vocabulary.folded(name): by for name, by in said.items() if by in (COMPANY, CUSTOMER)}
