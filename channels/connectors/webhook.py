"""Any platform that posts to a URL: signed by HMAC, a token, Basic or RSA; JSON, a form or XML.

What comes is read as a message of ours; a platform that speaks otherwise gets a mapping.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from msgspec import Meta, Struct

from channels.connectors import payloads, signatures
from channels.connectors.base import (
    HOOK,
    Connection,
    ConnectorKind,
    Delivery,
    Forged,
    Guide,
    Message,
    Payload,
    Secret,
)
from channels.reasons import NOT_AN_OBJECT, Rejection

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{0,100}$")]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """How deliveries are signed and written."""

    check: Annotated[
        Literal["hmac", "token", "basic", "rsa"],
        Meta(title=gettext_noop("Signature"), description=gettext_noop("How the platform proves who it is.")),
    ] = "hmac"
    header: Annotated[
        Name,
        Meta(
            title=gettext_noop("Header"),
            description=gettext_noop("The header that carries the signature or the token."),
        ),
    ] = "X-Signature"
    digest: Annotated[Literal["sha256", "sha1", "sha512"], Meta(title=gettext_noop("Hash"))] = "sha256"
    form: Annotated[Literal["hex", "base64"], Meta(title=gettext_noop("Signature written as"))] = "hex"
    time_header: Annotated[
        Name,
        Meta(
            title=gettext_noop("Header with the time"),
            description=gettext_noop(
                "Epoch seconds or milliseconds; signed as time + '.' + body. Empty: only the body is signed."
            ),
        ),
    ] = ""
    window: Annotated[
        int,
        Meta(
            ge=10,
            le=86_400,
            title=gettext_noop("Seconds a signature is good"),
            description=gettext_noop("Between the platform's clock and ours."),
        ),
    ] = 300
    body: Annotated[Literal["json", "form", "xml"], Meta(title=gettext_noop("Body"))] = "json"
    id: Annotated[
        Name,
        Meta(
            title=gettext_noop("Header with the delivery's id"),
            description=gettext_noop(
                "The same on a repeat: then nothing counts twice. Empty: the messageId in the body, else each counts."
            ),
        ),
    ] = ""


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """By the way that is set; without its secret nothing is taken."""
    CHECKS[connection.settings.check](connection, delivery)
    header = connection.settings.time_header
    if header:
        signatures.within(delivery.headers.get(header.lower(), ""), now, connection.settings.window)


def _secret(connection: Connection) -> str:
    found = connection.secrets.get("secret", "")
    if not found:
        raise signatures.no_secret("secret")
    return found


def _given(connection: Connection, delivery: Delivery) -> str:
    header = connection.settings.header
    found = delivery.headers.get(header.lower(), "")
    if not found:
        raise signatures.missing(header)
    return found


def _signed(connection: Connection, delivery: Delivery) -> bytes:
    header = connection.settings.time_header
    before = f"{delivery.headers.get(header.lower(), '')}." if header else ""
    return before.encode() + delivery.body


def _hmac(connection: Connection, delivery: Delivery) -> None:
    own, given = connection.settings, _given(connection, delivery)
    signatures.by_hmac(given, _signed(connection, delivery), _secret(connection), own.digest, own.form)


def _token(connection: Connection, delivery: Delivery) -> None:
    signatures.same(_given(connection, delivery).removeprefix("Bearer ").strip(), _secret(connection))


def _basic(connection: Connection, delivery: Delivery) -> None:
    user, _colon, password = _secret(connection).partition(":")
    signatures.by_basic(delivery.headers.get("authorization", ""), user, password)


def _rsa(connection: Connection, delivery: Delivery) -> None:
    key = _key(_secret(connection))
    signatures.by_rsa(_given(connection, delivery), _signed(connection, delivery), key)


@lru_cache(maxsize=64)
def _key(pem: str) -> RSAPublicKey:
    return signatures.public_key(pem)


CHECKS = {"hmac": _hmac, "token": _token, "basic": _basic, "rsa": _rsa}


def messages(connection: Connection, delivery: Delivery, received_at: datetime) -> Iterable[Message]:
    """The body as one message, or each of a list's."""
    found = READERS[connection.settings.body](delivery.body)
    several = found if isinstance(found, list) else [found]
    own = delivery.headers.get(connection.settings.id.lower(), "") if connection.settings.id else ""
    for n, one in enumerate(several):
        if not isinstance(one, dict):
            raise Rejection(NOT_AN_OBJECT)
        named = {"messageId": f"{own}-{n}" if n else own} if own and not one.get("messageId") else {}
        yield {**one, **named}


def payload(connection: Connection, delivery: Delivery) -> Iterable[Payload]:
    """The body as it is, or each of a list's."""
    own = delivery.headers.get(connection.settings.id.lower(), "") if connection.settings.id else ""
    found = EXACT_READERS[connection.settings.body](delivery.body)
    for n, one in enumerate(found if isinstance(found, list) else [found]):
        yield Payload(one, f"{own}-{n}" if n and own else own, part=isinstance(found, list))


READERS: dict[str, Any] = {"json": payloads.json_of, "form": payloads.form_of, "xml": payloads.xml_of}
EXACT_READERS = READERS | {"json": payloads.exact_json_of}


def withheld(settings: Settings) -> tuple[str, ...]:
    """A token is a secret; a signature is none."""
    return (settings.header.lower(),) if settings.check == "token" else ()


def check(connection: Connection) -> str:
    """Whether what is set can be used."""
    secret = connection.secrets.get("secret", "")
    if not secret:
        raise Forged("no_secret", str(_("The secret is not set yet.")))
    if connection.settings.check == "rsa":
        signatures.public_key(secret)
    return str(_("The secret is set. Have the platform send a test to the hook's address."))


WEBHOOK = ConnectorKind(
    name="webhook",
    label=_("Webhook"),
    category="other",
    direction=HOOK,
    about=_("Any platform that posts JSON, a form or XML to a URL and signs it."),
    settings=Settings,
    secrets=(
        Secret(
            "secret",
            _("Secret"),
            _("The HMAC key or token; for Basic user:password; for RSA the public key or certificate (PEM)."),
            lines=True,
        ),
    ),
    verify=verify,
    messages=messages,
    payloads=payload,
    withheld=withheld,
    check=check,
    guide=Guide(
        steps=(
            _("Choose how the platform signs, and set its secret here."),
            _("Copy the hook's address to the platform's page of webhooks."),
            _("Have it send a test: the delivery shows on this page, with what became of it."),
        ),
        untold=(
            _(
                "What is not one of our messages becomes a reject with its reason until a mapping says what it means."
            ),
        ),
    ),
)
