"""The fields of ours that a mapping may fill: which there are, and how they are named. Not here: what they mean."""

from typing import Final

from django.utils.translation import gettext as _

from channels.language.errors import Wrong
from kernel.vocabulary import RECORDS

TEXTS: Final = (
    *("type", "event", "name", "category", "messageId", "timestamp", "originalTimestamp", "sentAt"),
    *("userId", "anonymousId", "previousId", "groupId"),
)
OBJECTS: Final = ("properties", "traits", "context")
IDENTIFIERS: Final = "identifiers"
OF_RECORDS: Final = frozenset(name for row in RECORDS.values() for name in (*row.required, *row.optional)) | {
    "at",
    "id",
    "channel",
}
WHOLE: Final = frozenset((*TEXTS, *OBJECTS, *OF_RECORDS, IDENTIFIERS))
DEEPEST: Final = 10  # levels
LONGEST: Final = 200  # characters of a field's name
TYPES: Final = frozenset(("track", "identify", "page", "screen", "group", "alias", *RECORDS))


def must_be_field(field: str, *above: str) -> None:
    """Wrong for a name that is no field of ours. `above`: where it stands."""
    parts = field.split(".")
    if len(field) > LONGEST or len(parts) > DEEPEST or not all(parts):
        raise Wrong(_("“%(field)s” is no name of a field.") % {"field": field[:60]}, *above, field)
    below = parts[0] in OBJECTS or (parts[0] == IDENTIFIERS and len(parts) == 2)
    if not (below if len(parts) > 1 else field in WHOLE):
        raise Wrong(
            _(
                "We have no field “%(field)s”: a message has type, event, messageId, timestamp, userId, anonymousId, "
                "identifiers.KIND, traits.NAME, properties.NAME, context.NAME; a record its own fields."
            )
            % {"field": field[:60]},
            *above,
            field,
        )
