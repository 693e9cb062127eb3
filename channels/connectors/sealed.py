"""What platforms encrypt inside a delivery, in plain again: AES-GCM, AES-CBC as WeChat's messages have it.

Not here: whose key it is and what the plain text means (the kinds' files), whether the delivery is the platform's
(signatures.py), what lies encrypted with us (kernel/secrets.py).
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

AES_KEY: Final = 32  # bytes
BLOCK: Final = 32  # WeChat fills up to this many bytes, not to AES's 16
RANDOM, LENGTH = 16, 4  # bytes before the message: of chance, of its length
ENCODED_KEY: Final = 43  # characters of an EncodingAESKey


class Opened(NamedTuple):
    """A message and the app whose it is."""

    text: bytes
    app: str


def by_gcm(key: str, found: Mapping[str, Any]) -> bytes | None:
    """`ciphertext` (base64, its tag at the end) by `nonce` and `associated_data`; None: another key, or not whole."""
    nonce, sealed = found.get("nonce"), found.get("ciphertext")
    beside = found.get("associated_data") or ""
    if not (isinstance(nonce, str) and isinstance(sealed, str) and isinstance(beside, str)):
        return None
    try:
        data = base64.b64decode(sealed, validate=True)
        return AESGCM(key.encode()).decrypt(nonce.encode(), data, beside.encode())
    except (InvalidTag, ValueError, OverflowError, binascii.Error):
        return None


def by_cbc(encoded_key: str, sealed: str) -> Opened | None:
    """A message of WeChat's: 16 bytes of chance, its length, itself, its app's id; None: another key, or not whole."""
    try:
        key = base64.b64decode(f"{encoded_key}=", validate=True)
        data = base64.b64decode(sealed, validate=True)
        if len(key) != AES_KEY or len(data) <= RANDOM + LENGTH:
            return None
        opener = Cipher(AES(key), CBC(key[:16])).decryptor()
        whole = opener.update(data) + opener.finalize()
        return _parted(whole)
    except (ValueError, binascii.Error):
        return None


def _parted(whole: bytes) -> Opened | None:
    fill = whole[-1]
    if not 1 <= fill <= BLOCK or whole[-fill:] != bytes([fill]) * fill:
        return None
    rest = whole[RANDOM:-fill]
    size, rest = int.from_bytes(rest[:LENGTH]), rest[LENGTH:]
    if size > len(rest):
        return None
    return Opened(rest[:size], rest[size:].decode())
