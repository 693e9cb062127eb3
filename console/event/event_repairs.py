"""What was done to a refused message, in words: who, when, how, which fields. Not here: how it is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Found = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing that somebody did. `changed`: field, before, after."""

    at: str
    by: str
    how: str
    changed: list[Found]
    sent: bool  # it was accepted then


def told(repairs: Sequence[Found]) -> list[Repair]:
    """As the read API shows them, in words."""
    return [Repair(one["at"], one["by"], _how(one), one["changed"], one["sent"]) for one in repairs]


def _how(one: Found) -> str:
    if one["fix"]:
        said = "; ".join(change(each) for each in one["fix"])
        return _("One fix for all alike: %(fix)s") % {"fix": said}
    return _("Fixed by hand") if one["changed"] else _("Replayed as it was")


def change(one: Found) -> str:
    """One change of a fix, as a sentence without its full stop."""
    said = {name: _plain(one.get(name, "")) for name in ("field", "value", "from", "was")}
    return {
        "set": _("%(field)s is set to “%(value)s”"),
        "copy": _("%(field)s is taken from %(from)s"),
        "replace": _("in %(field)s “%(was)s” becomes “%(value)s”"),
        "number": _("of %(field)s only the number stays"),
        "drop": _("%(field)s is left out"),
    }[one["do"]] % said


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
