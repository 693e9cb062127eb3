"""Values encrypted at rest: AES-GCM, bound to where they stand. Not here: which values (the parts know their own)."""

import base64
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from kernel.errors import Trouble

NONCE_BYTES = 12


class CannotDecrypt(Trouble):
    """A key is missing, or the value was moved to another place or changed."""

    code = "cannot_decrypt"


def encrypt(text: str, place: str) -> str:
    """`<key id>:<base64>` with the newest key. `place` (workspace and kind) must be given again to decrypt."""
    name, cipher = _ciphers(tuple(settings.ENCRYPTION_KEYS.items()))[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), place.encode())
    return f"{name}:{base64.b64encode(sealed).decode()}"


def decrypt(sealed: str, place: str) -> str:
    """The plain text again. Older keys stay in ENCRYPTION_KEYS as long as something is sealed with them."""
    name, _, body = sealed.partition(":")
    ciphers = dict(_ciphers(tuple(settings.ENCRYPTION_KEYS.items())))
    if name not in ciphers:
        raise CannotDecrypt(
            f"The encryption key {name!r} is not in ENCRYPTION_KEYS: add it again, after the newest."
        )
    raw = base64.b64decode(body)
    try:
        plain = ciphers[name].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
    except InvalidTag:
        raise CannotDecrypt(f"A value sealed with key {name!r} cannot be opened as {place!r}.") from None
    return plain.decode("utf-8", "surrogatepass")


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[tuple[str, bytes], ...]) -> tuple[tuple[str, AESGCM], ...]:
    """The ciphers by key id, newest first."""
    if not keys:
        raise Trouble("ENCRYPTION_KEYS is empty: set it to '<id>:<32 random bytes in hex>'.")
    return tuple((name, AESGCM(key)) for name, key in keys)
