"""Strings are found in code and templates, and a missing or broken translation is told with its place."""

from pathlib import Path

import polib
import pytest

from cdp.management.commands import messages

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=1; plural=0;\\n"

msgid "Sign in"
msgstr "登录"

msgid "%(n)s days"
msgstr "天"

msgid "Gone"
msgstr "不再"
"""


@pytest.fixture
def po(tmp_path: Path) -> Path:
    path = tmp_path / "django.po"
    path.write_text(PO, encoding="utf-8")
    return path


def test_code_is_read_by_its_calls() -> None:
    source = (
        '_("Sign in")\nngettext("one event", "%(n)s events", n)\nprint("not this")\npgettext("menu", "Open")'
    )
    found = [word[:3] for word in messages.in_code(source, "x.py")]
    assert found == [(None, "Sign in", None), (None, "one event", "%(n)s events"), ("menu", "Open", None)]


def test_templates_are_read_by_their_tags() -> None:
    source = (
        '{% load i18n %}<p title="{% translate "It\'s here" %}">{% blocktranslate count n=n %}one event'
        '{% plural %}{{ n }} events{% endblocktranslate %}</p>{% translate "Open" context "menu" %}'
    )
    found = {word[:3] for word in messages.in_template(source, "x.html")}
    assert found == {(None, "It's here", None), (None, "one event", "%(n)s events"), ("menu", "Open", None)}


def test_what_a_reader_would_miss_is_told_with_its_place(po: Path) -> None:
    words = [
        messages.Word(None, "Sign in", None, "a.py:1"),
        messages.Word(None, "New here", None, "a.py:2"),
        messages.Word(None, "%(n)s days", None, "a.py:3"),
    ]
    assert messages.check(po, words) == [
        "a.py:2: no translation of 'New here'",
        "a.py:3: other placeholders than in '%(n)s days'",
    ]


def test_collecting_keeps_translations_adds_new_strings_and_drops_unused(po: Path) -> None:
    words = [messages.Word(None, "Sign in", None, "a.py:1"), messages.Word(None, "New", None, "a.py:2")]
    assert messages.collect(po, words) == (1, 2)
    assert {entry.msgid: entry.msgstr for entry in polib.pofile(str(po))} == {"Sign in": "登录", "New": ""}


def test_compiling_gives_what_gettext_reads(po: Path) -> None:
    import gettext

    messages.compiled(po)
    with po.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("Sign in") == "登录"
