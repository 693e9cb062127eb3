"""What browsers fetch from us and what comes in a query string: settings documents, the pixel, forms.

Not here: which path means what (protocol.py), keys and keeping (receive.py).
"""

import base64
import json
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import UUID

from channels.protocol import PIXEL_DEPTH, PIXEL_FIELDS

GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
VERSION: Final = "1"
TEXTS: Final = {
    "health": ("application/json", b'{"status":"UP"}'),
    "version": ("application/json", json.dumps({"version": VERSION}).encode()),
    "robots": ("text/plain; charset=utf-8", b"User-agent: *\nDisallow: /\n"),
}
ALLOWED: Final = {"__default": {"enabled": True, "integrations": {}}}


def fields(query: str) -> list[tuple[str, str]]:
    """The fields of a query string or form; too many are cut."""
    return parse_qsl(query[: 64 * 1024], keep_blank_values=True, errors="replace")[:PIXEL_FIELDS]


def settings_document(key: str, host: str, scheme: str) -> dict[str, Any]:
    """What Segment's browser client boots from; without it `AnalyticsBrowser.load` never ends."""
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "unbundledIntegrations": [],
                "addBundledMetadata": True,
                "maybeBundledConfigIds": {},
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {"track": ALLOWED, "identify": ALLOWED, "group": ALLOWED},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def source_document(key: str, connector: UUID, name: str, workspace: int, created: str) -> dict[str, Any]:
    """What RudderStack's browser client boots from."""
    return {
        "source": {
            "id": str(connector),
            "name": name,
            "writeKey": key,
            "enabled": True,
            "workspaceId": str(workspace),
            "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
            "destinations": [],
            "connections": [],
        },
        "updatedAt": created,
    }


def pixel_body(kind: str, query: str) -> bytes:
    """The fields of a pixel's query as a message: `properties.name=x` lies in `properties`."""
    message: dict[str, Any] = {}
    for name, value in fields(query):
        if name.lower() != "writekey":
            _put(message, name.split(".")[:PIXEL_DEPTH], value)
    return json.dumps(message | {"type": kind}).encode()


def form_body(query: str) -> bytes:
    """A form's fields as an object."""
    return json.dumps(dict(fields(query))).encode()


def _put(message: dict[str, Any], path: list[str], value: str) -> None:
    """A value at a dotted path; what is in the way stays."""
    for part in path[:-1]:
        inner = message.setdefault(part, {})
        if not isinstance(inner, dict):
            return
        message = inner
    message.setdefault(path[-1], value)
