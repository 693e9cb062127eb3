"""What must not be on any page, in any language, width or theme: said in sentences, an empty list is a sound page.

`listen(page)` once, `faults(page)` on each page, `faults_at(page, widths)` at several widths. Sideways scroll, clipped
or overlapping text, broken images, raw placeholders (visual_checks.js), strings of the catalogue left in the other
language, console errors, refused policies.
Not here: contrast and roles (axe, in test_identity.py), which pages there are (gallery.py).
"""

import functools
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polib

CHINESE = re.compile(r"[\u3400-\u9fff]")
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
PLACE = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")
SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z'’]*\b[ ,;:]+){3,}[a-z]+")  # four words of prose in a row
LOOKS, SETTLE_MS = 5, 300
WIDTHS = (390, 768, 1024, 1440, 1920)  # phone, tablet upright and across, desk, large screen
HEIGHT = 900
DRAWN_MS = 120  # charts and ribbons, after the window has another width
ASKED = Path(__file__).with_name("visual_checks.js")
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/django.po")


def listen(page: Any) -> None:
    """`page.trouble`: what the browser complains of from now on, refused policies and lost files with it."""
    page.trouble = []
    page.on("console", lambda said: page.trouble.append(said.text) if _complains(said) else None)
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            page.trouble.append(f"{answer.status} for {answer.url}")
            if answer.status >= 400 and not answer.request.is_navigation_request()
            else None
        ),
    )


ABORTED = (
    "htmx:sendAbort",
    "htmx:afterRequest",
)  # a piece that was on its way when another was asked for, or the page left


def _complains(said: Any) -> bool:
    """An error; but a font that a test keeps out is none (one that is not there answers 404, which is told), and what
    htmx says of a request that is not wanted any more. One that failed it says otherwise.
    """
    return (
        said.type == "error"
        and not said.text.startswith(ABORTED)
        and not ("ERR_FAILED" in said.text and ".woff2" in said.location["url"])
    )


def faults(page: Any) -> list[str]:
    """Everything wrong with the page as it stands; what the browser said is told once."""
    page.evaluate("document.fonts.ready.then(() => null)")
    told = page.evaluate(_script())
    for _look in range(
        LOOKS
    ):  # a drawing is made again when its font has come: on a busy machine, a moment later
        if not told["found"]:
            break
        page.wait_for_timeout(SETTLE_MS)
        told = page.evaluate(_script())
    found = [*told["found"], *(said for said in page.trouble if not _expected(said))]
    page.trouble.clear()
    if told["language"].startswith("zh"):
        found += [f"not translated: “{text}”" for text in told["texts"] if _left_in_english(text)]
        if not CHINESE.search(told["title"]):
            found.append(f"not translated: the title “{told['title']}”")
    elif told["language"] == "en":
        found += [f"not English: “{text}”" for text in told["texts"] if _is_translation(text)]
    else:
        found.append(f"no language: “{told['language']}”")
    return found


def faults_at(page: Any, widths: Iterable[int]) -> list[str]:
    """The same at each width, made by widening the window: a page is loaded once."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.wait_for_timeout(DRAWN_MS)
        found += [f"{width} px: {what}" for what in faults(page)]
    return found


@functools.cache
def _script() -> str:
    return ASKED.read_text(encoding="utf-8")


def _expected(said: str) -> bool:
    """A page that is not there, or says that a file is too large, says so with its status, and the console with it."""
    return "404 (Not Found)" in said or "413 (" in said


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".+?".join(re.escape(part) for part in PLACE.split(" ".join(text.split()))))


@functools.cache
def _catalogue() -> tuple[dict[str, str], list[re.Pattern[str]], set[str]]:
    """English strings and their Chinese, patterns of those with placeholders, Chinese strings."""
    plain: dict[str, str] = {}
    patterns = []
    for entry in polib.pofile(str(CATALOGUE)):
        chinese = entry.msgstr or "".join(entry.msgstr_plural.values())
        for english in filter(None, (entry.msgid, entry.msgid_plural)):
            if english == chinese or not LATIN_WORD.search(PLACE.sub("", english)):
                continue
            if PLACE.search(english):
                # “Order %(n)s” fits whatever begins so, the name of an event too: of one word nothing can be told.
                if len(LATIN_WORD.findall(PLACE.sub(" ", english))) > 1:
                    patterns.append(_pattern(english))
            else:
                plain[" ".join(english.replace("%%", "%").split())] = " ".join(chinese.split())
    return plain, patterns, {text for text in plain.values() if CHINESE.search(text)}


def _left_in_english(text: str) -> bool:
    """A string of the catalogue that stands in a Chinese page as it is, or prose that no catalogue knows."""
    if CHINESE.search(text) or not LATIN_WORD.search(text):
        return False
    plain, patterns, _ = _catalogue()
    return text in plain or bool(SENTENCE.search(text)) or any(one.fullmatch(text) for one in patterns)


def _is_translation(text: str) -> bool:
    return text in _catalogue()[2]
