"""A mapping as somebody works on it: by form or by text, two ways of one thing; and what is wrong with it, by place.

Not here: the form's fields (draft_form.py), the language (channels/language/).
"""

from collections.abc import Mapping as Fields
from typing import Final, NamedTuple

from channels.language import mapping, text
from channels.language.draft import Draft
from channels.language.errors import Wrong
from channels.language.mapping import Mapping
from channels.studio.fields import Look, Path
from console.studio import draft_form

FORM, TEXT = "form", "text"
MODES: Final = (FORM, TEXT)


class Said(NamedTuple):
    """`draft`: as far as it can be read; `made`: ready to read payloads, where all of it can be used."""

    mode: str
    text: str
    draft: Draft
    blanks: Draft  # the same with what is not filled in yet
    made: Mapping | None
    wrong: Wrong | None
    fits: bool = True  # a form of it can be sent


class Problem(NamedTuple):
    """What is wrong, and where. `line` None: at no line."""

    line: int | None
    field: str
    words: str


def of_text(said: str, mode: str = "") -> Said:
    """By its text. Shown as a form unless asked otherwise, where a form holds all of it: comments it does not."""
    said = said.replace("\r\n", "\n")
    try:
        draft = text.read(said)
    except Wrong as why:
        return Said(TEXT, said, Draft(), Draft(), None, why)
    fits = draft_form.fits(draft)
    mode = mode if mode in MODES else TEXT if commented(said) else FORM
    return _ready(Said(mode if fits else TEXT, said, draft, draft, None, None, fits))


def of_form(posted: Fields[str, str]) -> Said:
    """By the fields of its form."""
    blanks = draft_form.read(posted)
    return of_draft(blanks)


def of_draft(blanks: Draft) -> Said:
    """By its values, some of which may not be filled in yet."""
    draft = draft_form.without_blanks(blanks)
    return _ready(Said(FORM, text.written(draft), draft, blanks, None, None))


def of_post(posted: Fields[str, str]) -> Said:
    """As it was sent."""
    return of_text(posted.get("text", ""), TEXT) if posted.get("mode") == TEXT else of_form(posted)


def _ready(said: Said) -> Said:
    try:
        return said._replace(made=mapping.compiled(said.text))
    except Wrong as why:
        return said._replace(wrong=why)


def commented(said: str) -> bool:
    """Whether a text has comments of its own line."""
    return any(line.lstrip().startswith("#") for line in said.splitlines())


def problems(said: Said, look: Look) -> list[Problem]:
    """All that is wrong, by line; of the whole last."""
    found = {path: why for path, why in look.problems.items() if path}
    listed = [Problem(text.line_of(said.text, path), _named(path), why) for path, why in found.items()]
    wrong = said.wrong
    if wrong is not None and not any(one.words == wrong.text for one in listed):
        listed.append(Problem(wrong.line, wrong.field, wrong.text))
    return sorted(listed, key=lambda one: one.line or 0)


def of_whole(said: Said, look: Look) -> str:
    """What is wrong with a form at no field of it."""
    wrong = said.wrong
    if said.mode != FORM or wrong is None or any(why == wrong.text for why in look.problems.values()):
        return ""
    return f"{wrong.field}: {wrong.text}" if wrong.field else wrong.text


def _named(path: Path) -> str:
    return Wrong("", *path).field
