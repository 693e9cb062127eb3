"""UUIDs made our way are those that UUID() makes."""

import pickle
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from kernel import ids


@given(some.binary(min_size=16, max_size=16))
def test_as_the_library_makes_them(raw: bytes) -> None:
    assert ids.of_bytes(raw) == UUID(bytes=raw) == ids.numbered(int.from_bytes(raw, "big"))
    assert ids.by_chance(raw) == UUID(bytes=raw, version=4)
    assert ids.by_chance(raw).version == 4
    assert pickle.loads(pickle.dumps(ids.of_bytes(raw))).is_safe == UUID(bytes=raw).is_safe
    assert str(ids.of_bytes(raw)) == str(UUID(bytes=raw))
