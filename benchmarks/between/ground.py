"""A retailer of eight channels whose customers are met by campaigns. Not here: what is measured (attribution.py …)."""

from dataclasses import dataclass
from typing import Any, Final

from benchmarks import ground
from benchmarks.stream import Stream

CHANNELS: Final = (
    ("Web", "web"),
    ("Store", "store"),
    ("Tmall", "marketplace"),
    ("JD", "marketplace"),
    ("Douyin", "social"),
    ("Xiaohongshu", "social"),
    ("Mini-program", "mini_program"),
    ("Call centre", "call_centre"),
)
CAMPAIGNS, SOURCES = 30, ("douyin", "red", "wechat", "baidu", "sms")
MET: Final = 0.15  # of the events are a campaign's


class Met(Stream):
    """The stream of a shop, and campaigns that meet its customers."""

    def _what(self, n: int, who: int) -> dict[str, Any]:
        if self.dice.random() >= MET:
            return super()._what(n, who)
        said = {
            "campaign": f"campaign {self.dice.randrange(CAMPAIGNS)}",
            "source": self.dice.choice(SOURCES),
            "medium": "cpc",
        }
        return {"type": "track", "event": "Campaign Touched", "userId": f"user-{who}", "properties": said}


@dataclass
class Place:
    """The workspace, and what goes on there."""

    workspace: Any
    connectors: list[int]
    stream: Met

    def fill(self, events: int) -> None:
        """So many more events, one after the other, worked."""
        ground.fill(self.workspace.pk, self.connectors, self.stream.bodies(events, per_request=20))
        ground.drain()


def place(people: int, step: float) -> Place:
    """An empty one."""
    from channels import setup

    workspace = setup.add_workspace("Between")
    made = [setup.add_channel(workspace, name, kind) for name, kind in CHANNELS]
    return Place(workspace, [one.connector.pk for one in made], Met(people, step=step))
