"""What is certified of an erasure: a JSON document and its signature, which whoever has our secret can check again.

Signed by HMAC-SHA256 with a key made of IDENTITY_SECRET, which lies outside the database as outside its backups. The
document names nobody: identifiers stand as keyed hashes. Not here: what it says (erasure.py).
"""

import hmac
import json
from typing import Any, Final

from django.conf import settings

PURPOSE: Final = b"erasure certificate 1"
SIGNATURE: Final = "signature"


def signed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its signature."""
    return document | {SIGNATURE: _of(document)}


def good(document: Any) -> bool:
    """Whether a document is as it was signed."""
    if not isinstance(document, dict) or not isinstance(document.get(SIGNATURE), str):
        return False
    bare = {name: value for name, value in document.items() if name != SIGNATURE}
    return hmac.compare_digest(document[SIGNATURE], _of(bare))


def _of(document: dict[str, Any]) -> str:
    key = hmac.digest(settings.IDENTITY_SECRET, PURPOSE, "sha256")
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"hmac-sha256:{hmac.digest(key, text.encode(), 'sha256').hex()}"
