"""What platforms encrypt, and cents, against programs and reckonings that are not ours, with anything in them."""

import base64
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from wechatpayv3.utils import aes_decrypt
from wechatpy.crypto import PrpCrypto

from channels.connectors import payloads, sealed

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OTHER = "B" * 43
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def closed(text: str, app: str, key: str = AES_KEY) -> str:
    """By wechatpy."""
    found = PrpCrypto(base64.b64decode(f"{key}=")).encrypt(text, app)
    return found.decode() if isinstance(found, bytes) else str(found)


@given(TEXTS, st.text("abcdefwx0123456789", min_size=1, max_size=40))
def test_what_wechatpy_closes_is_opened(text: str, app: str) -> None:
    assert sealed.by_cbc(AES_KEY, closed(text, app)) == sealed.Opened(text.encode(), app)


@given(TEXTS)
def test_with_another_key_nothing_opens_or_it_is_not_what_was_closed(text: str) -> None:
    found = sealed.by_cbc(OTHER, closed(text, "wxapp"))
    assert found is None or found.app != "wxapp"


@given(
    st.text(max_size=80),
    st.text(max_size=120) | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()),
)
def test_anything_else_is_not_opened_and_no_error(key: str, text: str) -> None:
    sealed.by_cbc(AES_KEY, text)
    sealed.by_cbc(key, text)
    sealed.by_gcm(key, {"nonce": key, "ciphertext": text, "associated_data": text})


@given(TEXTS, st.text("abc123", min_size=8, max_size=16), st.sampled_from(["", "transaction", "退款"]))
def test_what_is_opened_is_what_wechatpayv3_opens(text: str, nonce: str, beside: str) -> None:
    key = "0123456789abcdef0123456789abcdef"
    cipher = base64.b64encode(
        AESGCM(key.encode()).encrypt(nonce.encode(), text.encode(), beside.encode())
    ).decode()
    found = {"nonce": nonce, "ciphertext": cipher, "associated_data": beside}
    assert sealed.by_gcm(key, found) == aes_decrypt(nonce, cipher, beside, key).encode()
    assert sealed.by_gcm(key[::-1], found) is None
    assert sealed.by_gcm(key, found | {"associated_data": "x"}) is None


@given(
    st.integers(-(10**15) + 1, 10**15 - 1), st.sampled_from([("CNY", 2), ("JPY", 0), ("KWD", 3), ("XXX", 2)])
)
def test_cents_are_hundredths_of_what_has_hundredths(cents: int, currency: tuple[str, int]) -> None:
    code, digits = currency
    for value in (cents, str(cents), f" {cents} "):
        found = payloads.minor_units(value, code)
        assert found is not None
        assert Decimal(found) * 10**digits == cents
        assert len(found.partition(".")[2]) == digits


@pytest.mark.parametrize(
    "value",
    [None, True, "", "1.0", 1.5, "1e2", "--1", "-", "١", [1], {}, 10**15, "9" * 16, "+1", "0x1"],
    ids=repr,
)
def test_what_is_no_whole_number_is_no_amount(value: object) -> None:
    assert payloads.minor_units(value, "CNY") is None
