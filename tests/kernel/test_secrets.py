"""Values encrypted at rest."""

import pytest

from kernel.secrets import CannotDecrypt, decrypt, encrypt

OLD, NEW = bytes([1]) * 32, bytes([2]) * 32


def test_what_is_sealed_opens_only_in_its_place(settings):
    settings.ENCRYPTION_KEYS = {"k1": OLD}
    sealed = encrypt("+8613800000001", "1/phone")
    assert "138" not in sealed
    assert decrypt(sealed, "1/phone") == "+8613800000001"
    with pytest.raises(CannotDecrypt):
        decrypt(sealed, "2/phone")


def test_the_newest_key_seals_and_older_ones_still_open(settings):
    settings.ENCRYPTION_KEYS = {"k1": OLD}
    sealed = encrypt("刘", "1/email")
    settings.ENCRYPTION_KEYS = {"k2": NEW, "k1": OLD}
    assert decrypt(sealed, "1/email") == "刘"
    assert encrypt("刘", "1/email").startswith("k2:")


def test_a_missing_key_is_named(settings):
    settings.ENCRYPTION_KEYS = {"k1": OLD}
    sealed = encrypt("x", "p")
    settings.ENCRYPTION_KEYS = {"k2": NEW}
    with pytest.raises(CannotDecrypt, match="'k1'"):
        decrypt(sealed, "p")


def test_the_same_value_never_looks_the_same(settings):
    settings.ENCRYPTION_KEYS = {"k1": OLD}
    assert encrypt("x", "p") != encrypt("x", "p")
