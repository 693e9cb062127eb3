"""What can be wrong with a mapping: when it is written, and when it reads a payload."""

from django.utils.translation import gettext as _


class Wrong(Exception):
    """A text that cannot be used: where, and a sentence. `path`: from the text's top; its line is found later."""

    def __init__(self, text: str, *path: str | int, line: int | None = None) -> None:
        super().__init__(text)
        self.text, self.path, self.line = text, path, line

    @property
    def field(self) -> str:
        """Where, as a person reads it: `message 2, properties.total`."""
        found: list[str] = []
        for one in self.path:
            if isinstance(one, int) and found:
                found[-1] = f"{found[-1]} {one + 1}"
            else:
                found.append(str(one))
        return ", ".join(found)


TEXT, NUMBER, CENTS, TIME, ZONE, JSON = "text", "number", "cents", "time", "zone", "json"
LONG, TAKES, FAILED = "long", "function", "failed"


class Misread(Exception):
    """A payload that the mapping cannot read: what was wanted, and what stood there. `field`: the target's name.

    `wanted`: TEXT … FAILED; `function`: whose value it is, of TAKES.
    """

    field = ""

    def __init__(self, wanted: str, value: object = None, function: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.value, self.function = wanted, value, function


class TooMuch(Exception):
    """A payload on which the mapping takes more steps, or makes more, than one may."""

    field = ""


def too_deep() -> Wrong:
    """Of an expression in an expression in an expression …"""
    return Wrong(_("This is nested too deeply: say it in simpler steps."))
