"""A file put into a bucket, by its destination's own keys. Not here: what stands in it (destinations/csv_bucket.py)."""

from collections.abc import Mapping
from typing import NamedTuple

from channels.destinations.base import File
from channels.watching import bucket
from channels.watching.words import Unwatched
from kernel.outside import Said


class Place(NamedTuple):
    """A bucket's settings as they are opened."""

    watch: str
    region: str
    endpoint: str


def put(file: File, secrets: Mapping[str, str]) -> None:
    """Raises Outside: what the bucket says, or an address that is not allowed."""
    keys = (secrets.get("access_key", ""), secrets.get("secret_key", ""))
    try:
        with bucket.opened(Place(file.place, file.region, file.endpoint), *keys) as found:
            found.put(file.name, file.body)
    except Unwatched as why:
        raise Said(str(why), again=0.0) from None
