"""Every kind of connector as docs/connectors.md has it: what it brings, the clicks, what is not told, its settings."""

from channels import connectors
from channels.connect import connections
from channels.connectors.base import ConnectorKind, Guide

HEAD = """# Connectors

Every way into Huiliu, as the code declares it (`channels/connectors/`); `make docs` writes this page. An admin adds a
connector of any of these kinds on the page of a channel, or over the API: `POST /api/connectors/`. Secrets are written
and never read; they lie encrypted. A hook's address is `/hooks/<id>/`: a delivery is on disk before its platform is
answered, one that comes twice counts once, and a wrong signature gets 401 and leaves nothing but a count.
"""


def text() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_kind(kind) for kind in connectors.KINDS.values())])


def _kind(kind: ConnectorKind) -> str:
    parts = [f"## {kind.label}", f"`{kind.name}`. {kind.about}", ""]
    parts += [f"{n}. {step}" for n, step in enumerate(kind.guide.steps, 1)]
    if kind.guide.untold:
        parts += ["", "What it does not tell us:", *(f"- {one}" for one in kind.guide.untold)]
    fields = connections.fields(kind)
    if fields or kind.secrets:
        parts += ["", "| setting | | default |", "|---|---|---|"]
    for one in fields:
        choices = f" ({', '.join(map(str, one['choices']))})" if one["choices"] else ""
        what = ". ".join(filter(None, (str(one["title"]), str(one["description"]).rstrip(".")))) + choices
        parts.append(f"| `{one['name']}` | {what} | {_shown(one['default'])} |")
    parts += [f"| `{one.name}`, secret | {one.label}. {one.help} | |" for one in kind.secrets]
    return "\n".join([*parts, "", *_written(kind.guide)])


def _shown(value: object) -> str:
    return "" if value in (None, "") else f"`{value}`"


def _written(guide: Guide) -> list[str]:
    if not guide.source:
        return []
    seen = "tried against the platform" if guide.verified else "not verified against the platform"
    return [f"Written by {guide.source}, read on {guide.read_on}; {seen}.", ""]
