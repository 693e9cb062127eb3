"""A mapping ready to read payloads: its text, compiled once for each process. Not here: its parts (messages, rules)."""

from collections.abc import Callable
from datetime import tzinfo
from typing import Any, Final

from django.utils.translation import gettext as _

from channels.language import messages, rules, text
from channels.language.draft import Draft
from channels.language.errors import Wrong
from channels.language.rules import Did
from channels.language.runtime import Context
from kernel import periods
from kernel.caches import remembered

REMEMBERED: Final = 256  # texts per process


class Mapping:
    """What a connector's payloads mean. `passes`: what nothing matches goes on; None: one of our messages does."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.passes = draft.passes
        self.zone: tzinfo | None = _zone(draft.zone)
        self._makers: tuple[Callable[..., bool], ...] = tuple(
            messages.compiled(one, n, draft.lookup) for n, one in enumerate(draft.messages)
        )
        self.rules = rules.compiled(draft.clean, draft.lookup)

    def messages(self, payload: Any, context: Context) -> list[dict[str, Any]] | None:
        """The messages that a payload makes; None where nothing matches. Misread or TooMuch with the field."""
        made: list[dict[str, Any]] = []
        matched = False
        for make in self._makers:
            matched |= make(payload, context, made)
        return made if matched else None

    def clean(self, message: dict[str, Any], context: Context, did: list[Did]) -> None:
        """The cleaning rules on a message, in place; Refused with the field."""
        rules.apply(self.rules, message, context, did)


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    if not periods.is_zone(name):
        raise Wrong(_("“%(name)s” is no time zone, such as Asia/Shanghai.") % {"name": name[:60]}, "zone")
    return periods.zone(name)


def compiled(said: str) -> Mapping:
    """The mapping of a text; Wrong with line, field and sentence for one that cannot be used."""
    draft = text.read(said)
    try:
        return Mapping(draft)
    except Wrong as why:
        why.line = why.line or text.line_of(said, why.path)
        raise


@remembered(REMEMBERED)
def known(said: str) -> Mapping | Wrong:
    """The same, remembered; of a text that an older version took and this one does not, what is wrong with it."""
    try:
        return compiled(said)
    except Wrong as why:
        return why
