"""A connector's settings and secrets as its kind reads them; checked when they are set, sealed where they lie.

Not here: what a kind wants (connectors/), who may set it (api.py, console).
"""

import json
from collections.abc import Mapping
from datetime import tzinfo
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

import msgspec
from django.utils.translation import gettext as _

from channels import connectors
from channels.connectors.base import Connection, Secret, Words
from kernel import periods, secrets
from kernel.errors import BadRequest

REMEMBERED: Final = 1_024
LONGEST_SECRET: Final = 20_000  # characters: certificates
ONE_LINE: Final = 500  # characters; a setting that may be longer has several lines
OWN: Final = "own"  # where a connector's settings hold those of its kind


class Form(Protocol):
    """What has settings and secrets: a connector's kind, or a destination's."""

    @property
    def name(self) -> str:
        """As it is stored."""

    @property
    def label(self) -> Words:
        """As people read it."""

    @property
    def settings(self) -> type[msgspec.Struct]:
        """A frozen struct."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """All there are."""


class Kept(NamedTuple):
    """What of a connector its kind's reading depends on, as it lies in the database."""

    kind: str
    uuid: str
    settings: str  # JSON
    sealed: str  # its secrets, encrypted; empty: none
    zone: str
    currency: str
    app: str


@lru_cache(maxsize=REMEMBERED)
def opened(kept: Kept) -> Connection:
    """As the kind reads it. Settings that an older version wrote are read with what is new at its default."""
    kind = connectors.KINDS[kept.kind]
    return Connection(
        settings=_read(kind, msgspec.json.decode(kept.settings)),
        secrets=unsealed(kept.uuid, kept.sealed),
        zone=zone(kept.zone),
        currency=kept.currency,
        app=kept.app,
    )


def zone(name: str) -> tzinfo:
    """The zone of a channel."""
    return periods.zone(name)


def encoded(own: Any) -> str:
    """A kind's settings as Kept has them."""
    return msgspec.json.encode(own if isinstance(own, dict) else {}).decode()


def _read(kind: Form, said: Mapping[str, Any]) -> Any:
    known = {field.encode_name for field in msgspec.structs.fields(kind.settings)}
    try:
        return msgspec.convert({name: value for name, value in said.items() if name in known}, kind.settings)
    except msgspec.ValidationError:
        return kind.settings()


def checked(kind: Form, said: Mapping[str, Any]) -> dict[str, Any]:
    """Settings that somebody gave, whole, with what was not given at its default. BadRequest names the field."""
    try:
        found = msgspec.convert(dict(said), kind.settings)
    except msgspec.ValidationError as trouble:
        raise BadRequest(_wrong(kind, str(trouble)), "bad_settings") from None
    plain = msgspec.to_builtins(found)
    return plain if isinstance(plain, dict) else {}


def _wrong(kind: Form, text: str) -> str:
    """msgspec's sentence with the field's name as the form has it before it."""
    what, _gap, where = text.partition(" - at `$.")
    name = where.rstrip("`")
    titles = {one["name"]: one["title"] for one in fields(kind)}
    return f"{titles.get(name, name) or kind.label}: {what}." if name else f"{what}."


def sealed(kind: Form, uuid: str, before: str, said: Mapping[str, Any], noun: str = "connector") -> str:
    """The secrets with those given in place of what was there; an empty one goes. BadRequest for what it has not."""
    known = {one.name for one in kind.secrets}
    for name, value in said.items():
        if name not in known:
            raise BadRequest(
                f"A {kind.name} {noun} has no secret {name!r}: {', '.join(sorted(known)) or 'it has none'}.",
                "unknown_secret",
            )
        if not isinstance(value, str) or len(value) > LONGEST_SECRET or "\x00" in value:
            raise BadRequest(
                _("A secret is a text of at most %(most)s characters.") % {"most": f"{LONGEST_SECRET:,}"},
                "bad_secret",
            )
    held = dict(unsealed(uuid, before)) | {name: value.strip() for name, value in said.items()}
    kept = {name: value for name, value in held.items() if value and name in known}
    return secrets.encrypt(json.dumps(kept, sort_keys=True), _place(uuid)) if kept else ""


def unsealed(uuid: str, text: str) -> dict[str, str]:
    """The secrets by name."""
    if not text:
        return {}
    found = json.loads(secrets.decrypt(text, _place(uuid)))
    return found if isinstance(found, dict) else {}


def _place(uuid: str) -> str:
    return f"connector:{uuid}"


def fields(kind: Form) -> list[dict[str, Any]]:
    """The settings as a form shows them. `type`: text, lines, list, pairs, number, choice or yes."""
    schema = msgspec.json.schema(kind.settings, ref_template="{name}")
    own = schema.get("$defs", {}).get(kind.settings.__name__, {})
    found = []
    for name, whole in own.get("properties", {}).items():
        said = _there(whole)
        found.append(
            {
                "name": name,
                "title": said.get("title", name),
                "description": said.get("description", ""),
                "type": _type(said),
                "choices": said.get("enum", []),
                "default": said.get("default"),
                "least": said.get("minimum"),
                "most": said.get("maximum"),
                "longest": said.get("maxLength"),
                "examples": said.get("examples", []),
                "needed": name in own.get("required", ()),
            }
        )
    return found


def _there(said: Mapping[str, Any]) -> dict[str, Any]:
    """What may be left out as what it is when it is there."""
    others = [one for one in said.get("anyOf", ()) if one.get("type") != "null"]
    return {**said, **others[0]} if len(others) == 1 else dict(said)


TYPES: Final = {"integer": "number", "number": "number", "boolean": "yes", "array": "list", "object": "pairs"}


def _type(said: Mapping[str, Any]) -> str:
    if "enum" in said:
        return "choice"
    found = TYPES.get(said.get("type", ""), "text")
    return "lines" if found == "text" and said.get("maxLength", 0) > ONE_LINE else found


def schema(kind: Form) -> dict[str, Any]:
    """The settings as JSON Schema."""
    found = msgspec.json.schema(kind.settings)
    own: dict[str, Any] = found.get("$defs", {}).get(kind.settings.__name__, found)
    return own
