"""Templates can be read and changed: no long line, no long file, components called with what they take, each shown.

How an element is set is djLint's business (`make lint`), what a page is handed the type checker's.
"""

import re
from pathlib import Path
from typing import NamedTuple

from django_cotton.compiler_regex import CottonCompiler, Tag

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
FILES = {
    str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")
}
COMPONENTS = {path.stem: FILES[f"components/{path.name}"] for path in TEMPLATES.glob("components/*.html")}
LONGEST_LINE, LONGEST_FILE = 120, 150
OF_THE_GALLERY = ("components.html", "gallery/")
VARS = re.compile(r"<c-vars\s([^>]*)/>")
COMMENT = re.compile(r"\{#(.*?)#\}")
# What a component that hands its other attributes on to HTML's own field ({{ attrs }}) may be given besides.
OF_A_FIELD = {
    "autocomplete",
    "autofocus",
    "disabled",
    "inputmode",
    "list",
    "max",
    "maxlength",
    "min",
    "minlength",
}
OF_A_FIELD |= {"pattern", "placeholder", "readonly", "required", "step"}


class Call(NamedTuple):
    """A component as a template calls it, with what it is given: attributes, and slots of a name."""

    component: str
    given: set[str]


def calls(text: str) -> list[Call]:
    """Every call of a template, in order."""
    found: list[Call] = []
    within: list[Call] = []
    plain, _left_out = CottonCompiler().exclude_ignorables(text)
    for tag in map(Tag, Tag.tag_pattern.finditer(plain)):
        if tag.tag_name == "c-slot":
            within[-1].given.update(re.findall(r'name="(\w+)"', tag.attrs))
        elif tag.is_closing:
            within.pop()
        elif tag.tag_name != "c-vars":
            name = tag.tag_name.removeprefix("c-").replace("-", "_")
            found.append(Call(name, names(tag.attrs)))
            within += [] if tag.is_self_closing else [found[-1]]
    return found


def names(attributes: str) -> set[str]:
    """What stands before each `=`, or alone."""
    return {match[1].lstrip(":") for match in Tag.attr_pattern.finditer(attributes)}


def declared(component: str) -> set[str]:
    """The inputs that a component's <c-vars> names."""
    return names(found[1]) if (found := VARS.search(COMPONENTS[component])) else set()


def unknown(call: Call) -> set[str]:
    """What a component is given that it never takes."""
    if call.component not in COMPONENTS:
        return {f"c-{call.component}"}
    more = OF_A_FIELD if "{{ attrs }}" in COMPONENTS[call.component] else set()
    return call.given - declared(call.component) - more


def test_no_line_is_longer_than_a_screen_is_wide() -> None:
    found = [
        f"templates/{name}:{n}"
        for name, text in FILES.items()
        for n, line in enumerate(text.splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert found == [], (
        f"More than {LONGEST_LINE} characters: an element a line, `&#32;` for a space that counts."
    )


def test_no_template_is_longer_than_a_thought() -> None:
    found = [name for name, text in FILES.items() if len(text.splitlines()) > LONGEST_FILE]
    assert found == [], (
        f"More than {LONGEST_FILE} lines: a part of it can be a file of its own, or a component."
    )


def test_components_are_given_what_they_take() -> None:
    """What none is called, a typing mistake, would be no error: Django draws nothing for it."""
    found = {
        (name, call.component, *sorted(wrong))
        for name, text in FILES.items()
        for call in calls(text)
        if (wrong := unknown(call))
    }
    assert found == set()


def test_a_mistyped_input_is_seen() -> None:
    text = '<c-card titel="{% translate "a" %}"><c-slot name="foot">x</c-slot><c-field lable="b" required /></c-card>'
    assert [(call.component, unknown(call)) for call in calls(text)] == [
        ("card", {"titel"}),
        ("field", {"lable"}),
    ]
    assert unknown(calls('<c-card><c-slot name="feet">x</c-slot></c-card>')[0]) == {"feet"}
    assert unknown(calls("<c-crad />")[0]) == {"c-crad"}


def test_a_component_says_what_it_takes_and_uses_it() -> None:
    """Its first comment is what the page of components shows of it."""
    unsaid, unused = set(), set()
    for name, text in COMPONENTS.items():
        head = text.partition("<c-vars")[0]
        body = COMMENT.sub("", VARS.sub("", text))
        said = " ".join(COMMENT.findall(head))
        unsaid |= {(name, one) for one in declared(name) if not re.search(rf"\b{one}\b", said)}
        unused |= {(name, one) for one in declared(name) if not re.search(rf"\b{one}\b", body)}
    assert unsaid == set()
    assert unused == set()


def test_every_component_is_used_by_a_page() -> None:
    used = {
        call.component
        for name, text in FILES.items()
        if not name.startswith(OF_THE_GALLERY)
        for call in calls(text)
    }
    assert set(COMPONENTS) - used == set(), "No page uses it: let it go."


def test_every_component_is_shown_in_its_states() -> None:
    shown = {Path(name).stem: text for name, text in FILES.items() if name.startswith("gallery/")}
    assert set(shown) == set(COMPONENTS), "templates/gallery/ has a file for each, of its name."
    alone = {name for name, text in shown.items() if sum(call.component == name for call in calls(text)) < 1}
    assert alone == set()
    assert {name for name, text in shown.items() if "<figcaption>" not in text} == set()
