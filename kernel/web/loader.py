"""How a template's source is read: line breaks beside elements say nothing, `<c-…>` is a component.

Not here: what a component looks like (templates/components/), what filters and tags write (templatetags/).

A template has one element a line. Between inline elements HTML would draw each of those line breaks as a space, so they
are taken out once, when a template is loaded, by the rule that JSX made known: a line break and what is around it is
nothing beside an element, a block tag or a comment, and one space between words and variables. A space that counts
beside a line break is written `&#32;`. What stands in <pre>, <textarea>, <script>, <style>, blocktranslate and verbatim
is left as it is.
"""

import re
from typing import Final

from django.template import Origin
from django.template.loaders import filesystem
from django_cotton.compiler_regex import CottonCompiler

SYNTAX: Final = r"\{%.*?%\}|\{\{.*?\}\}"
PIECE: Final = re.compile(
    rf"""
    (?P<raw> <(?P<element>pre|textarea|script|style)\b.*?</(?P=element)\s*>
           | \{{%\s*(?P<block>verbatim|comment)\b.*?\{{%\s*end(?P=block)\s*%\}} )
    | (?P<prose> \{{%\s*blocktranslate\b.*?\{{%\s*endblocktranslate\s*%\}} | \{{\{{.*?\}}\}} )
    | (?P<syntax> \{{%.*?%\}} | \{{\#.*?\#\}} | <!--.*?--> )
    | (?P<space> &\#32; )
    | (?P<tag> </?[a-zA-Z!] (?: {SYNTAX} | "(?:{SYNTAX}|[^"])*" | '(?:{SYNTAX}|[^'])*' | [^>"'] )* > )
    """,
    re.DOTALL | re.VERBOSE,
)
SPACE: Final = re.compile(r"\s+")
LINE_BREAK: Final = re.compile(r"[ \t]*\n\s*")
BEFORE_THE_END: Final = re.compile(r"\s*\n\s*(?=/?>$)")


class Loader(filesystem.Loader):
    """Templates of `DIRS`, their line breaks taken out and their components made tags."""

    def get_contents(self, origin: Origin) -> str:
        """A template's source, ready to be compiled."""
        return str(CottonCompiler().process(squeeze(super().get_contents(origin))))


def squeeze(source: str) -> str:
    """A template's source without the line breaks that say nothing."""
    done: list[str] = []
    at, edge = 0, True  # `edge`: a line break here is no space
    for piece in PIECE.finditer(source):
        before = not piece["prose"]
        done.append(_words(source[at : piece.start()], edge, before))
        done.append(_read(piece))
        at, edge = piece.end(), before
    done.append(_words(source[at:], edge, ends_at_edge=True))
    return "".join(done)


def _read(piece: re.Match[str]) -> str:
    """A piece as it is drawn."""
    if piece["space"]:
        return " "
    return _on_one_line(piece[0]) if piece["tag"] else piece[0]


def _words(text: str, starts_at_edge: bool, ends_at_edge: bool) -> str:
    """What stands between two pieces."""

    def space(found: re.Match[str]) -> str:
        if "\n" not in found[0]:
            return found[0]
        beside = (starts_at_edge and found.start() == 0) or (ends_at_edge and found.end() == len(text))
        return "" if beside else " "

    return SPACE.sub(space, text)


def _on_one_line(tag: str) -> str:
    return LINE_BREAK.sub(" ", BEFORE_THE_END.sub("", tag))
