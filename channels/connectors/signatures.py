"""Whether a delivery is whose it says, and now's: HMAC, a token, Basic, RSA by one key or several, a time window.

Not here: which of them a platform uses (the kinds' files).

What is compared is compared in constant time. Errors say what to look at, never what would have been right.
"""

import base64
import binascii
import hashlib
import hmac
import re
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

from channels.connectors.base import Forged
from kernel.errors import BadRequest

WINDOW_SECONDS: Final = 300  # between the sender's clock and ours
DIGESTS: Final = ("sha1", "sha256", "sha512")
FORMS: Final = ("hex", "base64")
PUBLIC_KEY_ID: Final = "PUB_KEY_ID_"  # how WeChat Pay's ids of public keys begin
_PEMS: Final = re.compile(
    rf"(?:({PUBLIC_KEY_ID}\w+)\s*)?(-----BEGIN ([A-Z ]+)-----.*?-----END \3-----)", re.DOTALL | re.ASCII
)


def no_secret(name: str) -> Forged:
    """Nothing can be checked yet: nothing is taken."""
    return Forged("no_secret", f"The connector has no {name} yet: an admin sets it on the connector's page.")


def missing(header: str) -> Forged:
    """The request says nothing of who made it."""
    return Forged("no_signature", f"The request has no {header}: is it the platform that sends here?")


def wrong() -> Forged:
    """It was signed with something else, or changed on its way."""
    return Forged(
        "bad_signature", "The signature is not right: is the secret on the connector's page the platform's?"
    )


def same(given: str | bytes, expected: str | bytes) -> None:
    """Raises Forged unless both are equal."""
    if not hmac.compare_digest(_bytes(given), _bytes(expected)):
        raise wrong()


def hmac_of(body: bytes, secret: str, digest: str = "sha256", form: str = "hex") -> str:
    """The HMAC of a body, as it is written. `digest`: of DIGESTS, `form`: of FORMS."""
    found = hmac.digest(secret.encode(), body, digest)
    return found.hex() if form == "hex" else base64.b64encode(found).decode()


def by_hmac(given: str, body: bytes, secret: str, digest: str = "sha256", form: str = "hex") -> None:
    """Raises Forged unless `given` is the body's HMAC; hex in any case, a `sha256=` before it is left out."""
    text = given.strip()
    text = text.removeprefix(f"{digest}=")
    same(text.lower() if form == "hex" else text, hmac_of(body, secret, digest, form))


def digest_of(text: str | bytes, digest: str = "sha1") -> str:
    """The plain hash of a text, in hex: some platforms sign by hashing the secret among the rest."""
    return hashlib.new(digest, _bytes(text), usedforsecurity=False).hexdigest()


def by_basic(header: str, user: str, password: str) -> None:
    """Raises Forged unless an Authorization header is this user's."""
    word, _gap, rest = header.partition(" ")
    if word.lower() != "basic":
        raise missing("Authorization: Basic …")
    try:
        plain = base64.b64decode(rest.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise wrong() from None
    same(plain, f"{user}:{password}")


def within(seconds: str, now: float, window: float = WINDOW_SECONDS) -> None:
    """Raises Forged when a time in epoch seconds or milliseconds is too far from now."""
    bare = seconds.strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 13):
        raise Forged("stale", "The request does not say when it was signed.")
    at = int(bare) / (1000 if len(bare) > 11 else 1)
    if abs(now - at) > window:
        raise Forged(
            "stale",
            f"The request was signed {abs(now - at):,.0f} seconds {'ago' if at < now else 'from now'}; at most "
            f"{window:,.0f} are taken: is the clock of the sender or of this machine wrong?",
        )


def public_key(pem: str, name: str = "public key") -> RSAPublicKey:
    """An RSA public key out of a PEM: of a key or of a certificate."""
    data = pem.strip().encode()
    found: object = None
    try:
        certificate = b"BEGIN CERTIFICATE" in data
        found = load_pem_x509_certificate(data).public_key() if certificate else load_pem_public_key(data)
    except ValueError:
        raise BadRequest(
            f"The {name} is no PEM: it begins with -----BEGIN and is copied whole.", "bad_key"
        ) from None
    if not isinstance(found, RSAPublicKey):
        raise BadRequest(f"The {name} is not an RSA key.", "bad_key")
    return found


class Key(NamedTuple):
    """One of several keys. `serial`: of its certificate, in hex, or its id; empty: not told. `until`: epoch seconds."""

    serial: str
    key: RSAPublicKey
    until: float


@lru_cache(maxsize=64)
def keyring(text: str, name: str = "public key") -> tuple[Key, ...]:
    """The keys of PEMs, one after another: certificates, and public keys with or without their id before them."""
    found = _PEMS.findall(text)
    if text.strip() and not found:
        public_key(text, name)  # says that it is no PEM
    return tuple(_key(own_id, pem, name) for own_id, pem, _kind in found)


def _key(own_id: str, pem: str, name: str) -> Key:
    key = public_key(pem, name)
    if "CERTIFICATE" not in pem:
        return Key(own_id, key, float("inf"))
    certificate = load_pem_x509_certificate(pem.encode())
    return Key(f"{certificate.serial_number:X}", key, certificate.not_valid_after_utc.timestamp())


def by_rsa(given: str, signed: bytes, key: RSAPublicKey) -> None:
    """Raises Forged unless `given`, in base64, is the key's signature (PKCS#1 v1.5, SHA-256)."""
    try:
        key.verify(base64.b64decode(given, validate=True), signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise wrong() from None


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
