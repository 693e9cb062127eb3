"""What events and identifiers are found by."""

import hmac
from uuid import UUID

import pytest

from kernel.event import identifier_key


@pytest.mark.parametrize("secret", [b"", b"secret", b"s" * 64, b"s" * 65, b"s" * 200])
def test_an_identifiers_key_is_the_hmac_of_all_that_it_says(secret: bytes) -> None:
    said = b"7\x00phone\x00\x00+8613800000001"
    expected = UUID(bytes=hmac.digest(secret, said, "sha256")[:16])
    assert identifier_key(secret, 7, "phone", "", "+8613800000001") == expected
    assert identifier_key(secret, 7, "phone", "", "+8613800000001") == expected  # the second time too
    assert identifier_key(secret, 8, "phone", "", "+8613800000001") != expected
