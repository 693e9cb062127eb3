"""What somebody sets of a destination beside its kind's own settings, as it is said and as it is kept.

Not here: keeping it (setup.py), what it does (rules.py).
"""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal

import msgspec
from django.utils.translation import gettext as _
from msgspec import UNSET, Meta, Struct, UnsetType

from kernel import told
from kernel.errors import BadRequest

ALL: Final = "all"
WAIT, REFUSE = "wait", "refuse"
SIGNS: Final = r"^[^\x00-\x1f\x7f]*$"
HOUR: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
PLACE: Final = re.compile(r"^(.*?)(?: - at `\$\.?(.*?)`)?$")

Short = Annotated[str, Meta(max_length=60, pattern=SIGNS)]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]


class Tie(Struct, frozen=True, forbid_unknown_fields=True):
    """A segment whose changes are sent. `all`: both, and who is in it already."""

    segment: Slug
    on: Literal["entered", "left", "all"] = "entered"


class Events(Struct, frozen=True, forbid_unknown_fields=True):
    """Events that are sent, by name; of one channel, where it is named."""

    names: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=200, pattern=SIGNS)]],
        Meta(min_length=1, max_length=50),
    ]
    channel: Annotated[str, Meta(max_length=60)] | None = None


class Cap(Struct, frozen=True, forbid_unknown_fields=True):
    """So many a person within so many hours, and no more."""

    count: Annotated[int, Meta(ge=1, le=1_000)]
    hours: Annotated[int, Meta(ge=1, le=8_760)]


class Quiet(Struct, frozen=True, forbid_unknown_fields=True, rename={"begin": "from", "end": "to"}):
    """Hours of the workspace's zone in which nobody is sent anything: it waits for their end, or is refused."""

    begin: Annotated[str, Meta(pattern=HOUR)]
    end: Annotated[str, Meta(pattern=HOUR)]
    then: Literal["wait", "refuse"] = "wait"


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What is given, and nothing else."""

    name: Annotated[str, Meta(min_length=1, max_length=120, pattern=SIGNS)] | UnsetType = UNSET
    kind: Short | UnsetType = UNSET
    settings: dict[str, Any] | UnsetType = UNSET
    secrets: dict[str, Any] | UnsetType = UNSET
    segments: Annotated[list[Tie], Meta(max_length=50)] | UnsetType | None = UNSET
    events: Events | UnsetType | None = UNSET
    purpose: Short | UnsetType | None = UNSET
    purpose_channel: Short | UnsetType | None = UNSET
    fields: Annotated[list[Short], Meta(max_length=100)] | UnsetType | None = UNSET
    cap: Cap | UnsetType | None = UNSET
    quiet: Quiet | UnsetType | None = UNSET
    holdout: float | str | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


def read(asked: Mapping[str, Any]) -> Said:
    """A request's body; BadRequest names what is wrong in it."""
    try:
        found = msgspec.convert(dict(asked), Said)
    except msgspec.ValidationError as trouble:
        what, where = PLACE.fullmatch(str(trouble)).groups()  # type: ignore[union-attr]  # it matches every line
        raise BadRequest(f"{where}: {what}." if where else f"{what}.", "bad_destination") from None
    for name in found.fields or ():
        if not told.known(name):
            raise BadRequest(
                _(
                    "“%(name)s” is no field: id, name, phone, email, event, segment, change, channel, at, key, "
                    "workspace, or identifier.KIND, trait.NAME, property.NAME."
                )
                % {"name": name},
                "unknown_field",
            )
    if found.quiet and found.quiet.begin == found.quiet.end:
        raise BadRequest(_("Quiet hours begin and end at different times."), "bad_quiet")
    return found


def share(value: float | str | None) -> Decimal:
    """The part of people who are held out, from 0 to 1."""
    try:
        found = Decimal(str(value or 0)).quantize(Decimal("0.0001"))
    except InvalidOperation:
        found = Decimal(-1)
    if not (found.is_finite() and 0 <= found <= 1):
        raise BadRequest(_("The share that is held out is a number from 0 to 1, such as 0.1."), "bad_holdout")
    return found
