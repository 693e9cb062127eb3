"""Every kind of destination, in the order in which they are offered. To add one: its file beside this one, on the form
of base.py, and its line here.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from channels.destinations.base import DestinationKind
from channels.destinations.csv_bucket import CSV_BUCKET
from channels.destinations.message import MESSAGE
from channels.destinations.robot import ROBOT
from channels.destinations.webhook import WEBHOOK
from kernel.errors import BadRequest

ALL: Final = (WEBHOOK, MESSAGE, ROBOT, CSV_BUCKET)
KINDS: Final[Mapping[str, DestinationKind]] = MappingProxyType({kind.name: kind for kind in ALL})


def kind(name: str) -> DestinationKind:
    """The kind of a name; BadRequest with all there are."""
    if name not in KINDS:
        raise BadRequest(f"There is no destination kind {name[:60]!r}: {', '.join(KINDS)}.", "unknown_kind")
    return KINDS[name]
