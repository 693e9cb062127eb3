"""`manage.py messages`: what the pages say, in Chinese. Finds every string in code and templates, keeps the .po file
whole, and compiles it; gettext's programs are not needed. Not here: the words themselves (locale/).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

BASE: Path = settings.BASE_DIR
CODE = ("cdp", "console", "demo", "channels", "profiles", "metrics", "kernel")
# The name of a function -> which of its arguments are (context, text, plural).
CALLS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
IN_TEMPLATE = re.compile(
    r"\b(_|n?p?gettext)\(\s*((?:u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")\s*,?\s*){1,3})", re.DOTALL
)
PLACES = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")


class Word(NamedTuple):
    """One string to be translated, and where it stands."""

    context: str | None
    text: str
    plural: str | None
    place: str

    @property
    def key(self) -> tuple[str | None, str]:
        """What makes it one entry."""
        return self.context, self.text


class Command(BaseCommand):
    """Collect, check, compile."""

    help = "Collect the strings of code and templates into locale/*/django.po and compile them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """`--check` or `--compile`; else collect, then compile."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; fail if a translation is missing"
        )
        parser.add_argument("--compile", action="store_true", help="only make the .mo files")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Every language folder."""
        for path in sorted(BASE.glob("locale/*/LC_MESSAGES/django.po")):
            if options.get("compile"):
                compiled(path)
            elif options.get("check"):
                if problems := check(path, list(words())):
                    raise CommandError(f"{path.relative_to(BASE)}:\n  " + "\n  ".join(problems))
            else:
                added, gone = collect(path, list(words()))
                compiled(path)
                self.stdout.write(f"{path.relative_to(BASE)}: {added} new, {gone} no longer used")


def compiled(path: Path) -> None:
    """The .mo beside a .po, made again when older."""
    target = path.with_suffix(".mo")
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        fresh = target.with_suffix(".new")
        polib.pofile(str(path)).save_as_mofile(str(fresh))
        fresh.rename(target)


def collect(path: Path, found: list[Word]) -> tuple[int, int]:
    """Put new strings in, take unused ones out; how many of each."""
    catalogue = polib.pofile(str(path), wrapwidth=110)
    wanted = {word.key: word for word in found}
    have = {(entry.msgctxt, entry.msgid) for entry in catalogue}
    gone = [entry for entry in catalogue if (entry.msgctxt, entry.msgid) not in wanted or entry.obsolete]
    for entry in gone:
        catalogue.remove(entry)
    fresh = [word for key, word in wanted.items() if key not in have]
    for word in fresh:
        catalogue.append(entry_of(word))
    catalogue.sort(key=lambda entry: (entry.msgid.lower(), entry.msgctxt or ""))
    catalogue.save(str(path))
    return len(fresh), len(gone)


def entry_of(word: Word) -> polib.POEntry:
    """An entry without its translation yet."""
    more: dict[str, Any] = {"msgid_plural": word.plural, "msgstr_plural": {0: ""}} if word.plural else {}
    flags = ["python-format"] if re.search(r"%\(\w+\)", word.text) else []
    return polib.POEntry(msgid=word.text, msgstr="", msgctxt=word.context, flags=flags, **more)


def check(path: Path, found: list[Word]) -> list[str]:
    """What a reader of this language would miss."""
    entries = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path))}
    problems = []
    for word in {word.key: word for word in found}.values():
        entry = entries.get(word.key)
        said = (
            [] if entry is None else [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]
        )
        if entry is None or entry.fuzzy or not said or not all(said):
            problems.append(f"{word.place}: no translation of {word.text!r}")
        elif not word.plural and any(
            set(PLACES.findall(word.text)) != set(PLACES.findall(text)) for text in said
        ):
            problems.append(f"{word.place}: other placeholders than in {word.text!r}")
    return problems


# ---- finding the strings ----------------------------------------------------------------------


def words() -> Iterator[Word]:
    """Every string that code or a template marks."""
    for part in CODE:
        for path in sorted((BASE / part).rglob("*.py")):
            yield from in_code(path.read_text(encoding="utf-8"), str(path.relative_to(BASE)))
    for path in sorted((BASE / "templates").rglob("*.html")):
        yield from in_template(path.read_text(encoding="utf-8"), str(path.relative_to(BASE)))


def in_code(source: str, place: str) -> Iterator[Word]:
    """Calls by the names above, with plain strings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            texts = [item.value if isinstance(item, ast.Constant) else None for item in node.args]
            if name in CALLS:
                yield from _word(name, texts, f"{place}:{node.lineno}")


def in_template(source: str, place: str) -> Iterator[Word]:
    """What Django's own templatize makes of the tags."""
    text = templatize(source)
    for found in IN_TEMPLATE.finditer(text):
        texts = list(ast.literal_eval(f"({found[2].rstrip().rstrip(',')},)"))
        yield from _word(found[1], texts, f"{place}:{text[: found.start()].count(chr(10)) + 1}")


def _word(name: str, texts: list[Any], place: str) -> Iterator[Word]:
    context, text, plural = CALLS[name]
    picked = [texts[at] if at is not None and at < len(texts) else None for at in (context, text, plural)]
    if isinstance(picked[1], str) and picked[1]:
        yield Word(picked[0], picked[1], picked[2] if isinstance(picked[2], str) else None, place)
