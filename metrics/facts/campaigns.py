"""Which campaign a message names, and where it comes from. Not here: what a campaign costs (spend.py)."""

from typing import Any

from kernel.event import Clean

Campaign = tuple[str | None, str | None]  # its name, its source
NONE: Campaign = (None, None)
MARKETING = "marketing"


def campaign(clean: Clean) -> Campaign:
    """What `context.campaign` says; of a marketing touch without one, its properties `campaign` and `source`."""
    said: Any = clean.context.get("campaign")
    if not isinstance(said, dict):
        if clean.touchpoint != MARKETING:
            return NONE
        said = {"name": clean.properties.get("campaign"), "source": clean.properties.get("source")}
    return _text(said.get("name")), _text(said.get("source"))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
