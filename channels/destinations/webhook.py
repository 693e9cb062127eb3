"""Any server that takes JSON: signed as Standard Webhooks has it, with the fields that were chosen and no others."""

import base64
import binascii
import hashlib
import hmac
from typing import Annotated, Any, Final

import msgspec
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors.base import Guide, Secret
from channels.destinations.base import EVENT, Call, DestinationKind, Target, Told
from kernel.told import moment

PREFIX: Final = "whsec_"  # of a secret in base64
ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode

Address = Annotated[str, Meta(pattern=r"^https?://[^\s]{1,1900}$", examples=["https://crm.example.com/hook"])]


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where to."""

    url: Annotated[Address, Meta(title=gettext_noop("Address"))]


def call(target: Target, told: Told, now: float) -> Call:
    """The delivery and what was chosen of it, signed where there is a secret."""
    said: dict[str, Any] = {
        "id": str(told.key),
        "type": "event" if told.cause == EVENT else f"segment.{told.cause}",
        "at": moment(told.at),
        ("event" if told.cause == EVENT else "segment"): told.name,
        "profile": str(told.person) if told.person else None,
        "fields": {name: told.values[name] for name in target.fields if name in told.values},
    }
    if told.event is not None:
        said["event_id"] = str(told.event)
    body = ENCODE(said)
    headers = {"content-type": "application/json"} | signed(target.secrets.get("secret", ""), told, body, now)
    return Call(target.settings.url, headers, body)


def signed(secret: str, told: Told, body: bytes, now: float) -> dict[str, str]:
    """The three headers; without a secret two of them."""
    named = {"webhook-id": str(told.key), "webhook-timestamp": str(int(now))}
    if not secret:
        return named
    what = f"{told.key}.{int(now)}.".encode() + body
    digest = hmac.new(_key(secret), what, hashlib.sha256).digest()
    return named | {"webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def _key(secret: str) -> bytes:
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


WEBHOOK: Final = DestinationKind(
    name="webhook",
    label=_("Webhook"),
    about=_("Posts a signed JSON document to any server."),
    guide=Guide(
        steps=(
            _("Enter the address that takes the documents."),
            _(
                "Set a secret: the server checks webhook-signature, which is v1, and the HMAC-SHA256 of "
                "webhook-id.webhook-timestamp.body in base64."
            ),
            _("The server keeps each Idempotency-Key: what comes with one that it knows was sent before."),
        ),
        source="https://www.standardwebhooks.com/",
        read_on="2026-11-30",
    ),
    settings=Settings,
    secrets=(Secret("secret", _("Signing secret"), _("Any text, or whsec_ and base64."), needed=False),),
    call=call,
)
