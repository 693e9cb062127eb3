"""Line breaks of a template that say nothing are not drawn; those between words are."""

import re

import pytest
from django.template.loader import get_template
from hypothesis import given
from hypothesis import strategies as st

from kernel.web.loader import PIECE, Loader, squeeze


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("<div>\n  <b>a</b>\n  <b>b</b>\n</div>\n", "<div><b>a</b><b>b</b></div>"),
        ("<b>a</b> <b>b</b>", "<b>a</b> <b>b</b>"),
        ("<b>a</b>&#32;\n<b>b</b>", "<b>a</b> <b>b</b>"),
        ("<p>\n  one\n  two\n</p>", "<p>one two</p>"),
        ("<p>\n  {{ a }}\n  {{ b }}\n</p>", "<p>{{ a }} {{ b }}</p>"),
        ("{{ a }}\n{% if b %}\n  c\n{% endif %}\nd", "{{ a }}{% if b %}c{% endif %}d"),
        (
            '<a id="{% now "Y" %}"\n  {% if a > b %}b{% endif %}\n>',
            '<a id="{% now "Y" %}" {% if a > b %}b{% endif %}>',
        ),
        ("<br\n/>\n{# a note #}\n<i>", "<br/>{# a note #}<i>"),
        ("<pre>\n a\n  b </pre>\n<textarea>\n</textarea>", "<pre>\n a\n  b </pre><textarea>\n</textarea>"),
        ("<script>\nif (a < b) {\n}\n</script>", "<script>\nif (a < b) {\n}\n</script>"),
        (
            "{% blocktranslate %}\n a\n{% endblocktranslate %}\n<i>",
            "{% blocktranslate %}\n a\n{% endblocktranslate %}<i>",
        ),
        (
            "a\n{% blocktranslate %}b{% endblocktranslate %}\nc",
            "a {% blocktranslate %}b{% endblocktranslate %} c",
        ),
        ("{% verbatim %}\n<i>\n</i>{% endverbatim %}", "{% verbatim %}\n<i>\n</i>{% endverbatim %}"),
        ("2 < 3\n", "2 < 3"),
    ],
)
def test_a_line_break_beside_an_element_is_none(source: str, read: str) -> None:
    assert squeeze(source) == read


@given(st.lists(st.sampled_from(["<b>", "</b>", "{{ a }}", "{% now 'Y' %}", "word", " ", "\n  ", "{# x #}"])))
def test_only_blanks_are_taken_out_and_only_once(parts: list[str]) -> None:
    source = "".join(parts)
    read = squeeze(source)
    assert re.sub(r"\s", "", read) == re.sub(r"\s", "", source)
    assert [piece[0] for piece in PIECE.finditer(read)] == [piece[0] for piece in PIECE.finditer(source)]
    assert squeeze(read) == read


def test_pages_are_read_so() -> None:
    """The loader is the one that pages use."""
    page = get_template("404.html").template  # type: ignore[attr-defined]
    assert isinstance(page.origin.loader, Loader)
    assert ">\n" not in page.source
