"""UUIDs made in a third of the time that UUID() takes: it looks at each of seven arguments, we make one an event."""

from typing import Final
from uuid import UUID, SafeUUID

VERSION_4: Final = 4 << 76 | 0x8000 << 48
OTHER_BITS: Final = ~(0xF000 << 64 | 0xC000 << 48)

_new, _set, _unknown = object.__new__, object.__setattr__, SafeUUID.unknown


def numbered(number: int) -> UUID:
    """The UUID of a number of 128 bits."""
    made: UUID = _new(UUID)
    _set(made, "int", number)
    _set(made, "is_safe", _unknown)
    return made


def of_bytes(raw: bytes) -> UUID:
    """The UUID of 16 bytes."""
    return numbered(int.from_bytes(raw, "big"))


def by_chance(raw: bytes) -> UUID:
    """The UUID, version 4, of 16 random bytes."""
    return numbered(int.from_bytes(raw, "big") & OTHER_BITS | VERSION_4)
