"""How WeChat pushes: signed by SHA-1 over the sorted parts, plain or encrypted (AES-CBC), XML or JSON.

Accounts, mini programs and shops push alike. Not here: what a push means (wechat_message.py, wechat_shop.py).
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from channels.connectors import payloads, sealed, signatures
from channels.connectors.base import PLAIN, Connection, Delivery, Forged, Reply, Secret
from channels.reasons import CANNOT_OPEN, Rejection
from kernel.errors import BadRequest, Refused

SECRETS: Final = (
    Secret("token", _("Token"), _("As it is set at the platform: signatures are made with it.")),
    Secret(
        "encoding_aes_key",
        _("EncodingAESKey"),
        _("43 characters. When it is changed, put the new one above and keep the old for a rebuild."),
        needed=False,
        lines=True,
    ),
)


# ---- whose it is ------------------------------------------------------------------------------------


def handshake(connection: Connection, delivery: Delivery) -> Reply | None:
    """The address is saved at the platform: its echostr comes back when the signature is right."""
    if delivery.method == "POST":
        return None
    asked = _asked(delivery)
    _signed_plain(connection, asked)
    return Reply(body=_given(asked, "echostr").encode(), type=PLAIN)


def verify(connection: Connection, delivery: Delivery, now: float) -> None:
    """Encrypted: over what is encrypted. Plain, where no key is set: over time and nonce alone."""
    asked = _asked(delivery)
    encrypted = _encrypted(delivery.body)
    if encrypted:
        given = _given(asked, "msg_signature")
        signatures.same(given, _sign(connection, asked, encrypted))
    elif connection.secrets.get("encoding_aes_key"):  # what is plain could be anybody's who saw one address
        raise Forged(
            "not_encrypted",
            "The push is not encrypted, and the connector has an EncodingAESKey: choose the safe mode at the "
            "platform, or take the key out.",
        )
    else:
        _signed_plain(connection, asked)
    signatures.within(_given(asked, "timestamp"), now)


def _signed_plain(connection: Connection, asked: Mapping[str, str]) -> None:
    signatures.same(_given(asked, "signature"), _sign(connection, asked))


def _sign(connection: Connection, asked: Mapping[str, str], *more: str) -> str:
    """SHA-1 over the sorted parts, as all of WeChat's pushes have it."""
    token = connection.secrets.get("token", "")
    if not token:
        raise signatures.no_secret("token")
    parts = sorted((token, _given(asked, "timestamp"), _given(asked, "nonce"), *more))
    return signatures.digest_of("".join(parts))


def _asked(delivery: Delivery) -> Mapping[str, str]:
    try:
        return payloads.form_of(delivery.query)
    except Rejection:
        raise signatures.missing("signature") from None


def _given(asked: Mapping[str, str], name: str) -> str:
    found = asked.get(name, "")
    if not found:
        raise signatures.missing(name)
    return found


def _encrypted(body: bytes) -> str:
    """The encrypted part of a push; empty where there is none."""
    try:
        found = _read(body).get("Encrypt")
    except Rejection:
        return ""
    return found if isinstance(found, str) else ""


def accepted(connection: Connection) -> Reply:
    """What ends the repeats, and is shown to nobody."""
    return Reply(body=b"success", type=PLAIN)


def refused(trouble: Refused) -> Reply:
    """Anything but success: it comes again."""
    return Reply(trouble.status, str(trouble).encode(), PLAIN)


# ---- what it says -----------------------------------------------------------------------------------


def opened(connection: Connection, body: bytes) -> tuple[dict[str, Any], str]:
    """A push, what was encrypted in place of whatever stands plain beside it; and the app whose openids it names."""
    found = _read(body)
    own = connection.settings.app_id
    if "Encrypt" not in found:
        return found, own or connection.app
    encrypted = found["Encrypt"]
    for key in connection.secrets.get("encoding_aes_key", "").split():
        inner = sealed.by_cbc(key, encrypted) if isinstance(encrypted, str) else None
        if inner is not None and own in ("", inner.app):
            return _read(inner.text), inner.app or connection.app
    raise Rejection(CANNOT_OPEN, "Encrypt")


def _read(body: bytes) -> dict[str, Any]:
    return payloads.xml_of(body) if body.lstrip()[:1] == b"<" else payloads.object_of(body)


# ---- what an admin sets -----------------------------------------------------------------------------


def check(connection: Connection) -> str:
    """Whether pushes could be checked and opened."""
    if not connection.secrets.get("token"):
        raise Forged("no_secret", gettext("The token is not set yet."))
    keys = connection.secrets.get("encoding_aes_key", "").split()
    if any(len(key) != sealed.ENCODED_KEY for key in keys):
        raise BadRequest(gettext("An EncodingAESKey has 43 letters and digits."), "bad_key")
    if not keys:
        return gettext(
            "Plain pushes are taken. Choose the safe mode at the platform: plain ones are hardly protected."
        )
    return gettext(
        "Encrypted pushes can be checked and opened. Save the address at the platform: it asks at once."
    )
