"""The board that the demo comes with: how channels and customers move. Not here: the retailer's own data."""

from typing import Any, NamedTuple

from django.db import transaction

from kernel.models import Workspace
from metrics.boards import grid
from metrics.boards.grid import Place
from metrics.models import Analysis, Board, Tile

SLUG, NAME = "cross-channel", "Cross-channel"


class Ready(NamedTuple):
    """An analysis and where it stands. Names are shown in the reader's language: console/names.py has them."""

    name: str
    params: dict[str, Any]
    place: tuple[int, int, int, int]  # x, y, w, h
    kind: str = "metric"


READY = (
    Ready("Cross-channel share", {"name": "cross_channel_share"}, (0, 0, 4, 4)),
    Ready("Repeat purchase rate", {"name": "repeat_purchase_rate"}, (4, 0, 4, 4)),
    Ready("Cross-channel return rate", {"name": "cross_channel_return_rate"}, (8, 0, 4, 4)),
    Ready("Net revenue by channel", {"name": "net_revenue", "by": "channel"}, (0, 4, 8, 5)),
    Ready("Customer acquisition cost by channel", {"name": "cac", "by": "channel"}, (8, 4, 4, 5)),
    Ready("New customers", {"name": "new_customers", "by": "channel"}, (0, 9, 6, 4)),
    Ready("Satisfaction by channel", {"name": "satisfaction", "by": "channel"}, (6, 9, 6, 4)),
    Ready(
        "From a look to an order",
        {"steps": "Product Viewed,Product Added,Order Completed", "window": "7d"},
        (0, 13, 6, 4),
        "funnel",
    ),
    Ready(
        "Most frequent paths", {"level": "channel", "steps": "4", "session": "30d"}, (6, 13, 6, 4), "paths"
    ),
    Ready("Who comes back", {"interval": "month", "on": "orders"}, (0, 17, 6, 5), "retention"),
    Ready("Channel switching", {"on": "orders"}, (6, 17, 6, 5), "switching"),
    Ready("Touchpoints", {"within": "90d"}, (0, 22, 8, 4), "touchpoints"),
)


def make(workspace: Workspace) -> None:
    """The board, shared with everybody; nothing where the workspace has a board already."""
    with transaction.atomic():
        if Board.objects.filter(workspace=workspace).exists():
            return
        board = Board.objects.create(workspace=workspace, slug=SLUG, name=NAME, shared=True)
        made = [
            Analysis.objects.create(workspace=workspace, name=one.name, kind=one.kind, params=one.params)
            for one in READY
        ]
        places = [Place(new.pk, *one.place) for new, one in zip(made, READY, strict=True)]
        grid.check(places)
        Tile.objects.bulk_create(
            Tile(board=board, analysis_id=at.key, x=at.x, y=at.y, w=at.w, h=at.h) for at in places
        )
