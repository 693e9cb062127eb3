"""The search box in a real browser: what it suggests is reached by keyboard alone, and told to who cannot see it."""

import uuid
from typing import Any

import pytest

from tests.browser import visual_checks
from tests.live import eventually

pytestmark = pytest.mark.django_db  # makes the database; `site` filled it before


@pytest.fixture
def lin(site: Any) -> dict[str, str]:
    """A customer with a phone nobody else has the end of, and one who shares it."""
    user = uuid.uuid4().hex[:8]
    tail = f"{uuid.uuid4().int % 10_000:04}"
    phones = {"phone": f"+861381234{tail}"}, {"phone": f"+861390000{tail}"}
    site.sends(
        {
            "type": "identify",
            "userId": user,
            "messageId": f"{user}-1",
            "traits": {"name": f"Lin {user}"} | phones[0],
        },
        {
            "type": "identify",
            "userId": f"{user}b",
            "messageId": f"{user}-2",
            "traits": {"name": f"Wang {user}"} | phones[1],
        },
    )
    return {"user": user, "tail": tail, "page": site.customer(user)}


def typed(page: Any, text: str) -> Any:
    """The list that comes up below the box."""
    page.keyboard.press("/")
    page.keyboard.type(text)
    found = page.locator("#hits-list")
    found.wait_for(state="visible")
    return found


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-hans", 390), ("en", 768)])
def test_suggestions_are_walked_and_followed_by_keyboard(
    site: Any, lin: dict[str, str], visit: Any, language: str, width: int
) -> None:
    page = visit(language=language, width=width)
    page.goto(site.address + "/channels/")
    options = typed(page, f"138 •••• {lin['tail']}").locator("[role=option]")
    box = page.locator("#search")
    eventually(lambda: options.count() == 1)
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-controls") == "hits-list"
    assert f"Lin {lin['user']}" in options.first.inner_text()
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    assert options.first.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowDown")  # back in the box
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("ArrowUp")
    assert options.last.get_attribute("aria-selected") == "true"
    frame = page.locator("#hits").bounding_box()
    assert frame["x"] >= 0
    assert frame["x"] + frame["width"] <= width
    page.keyboard.press("Enter")
    page.wait_for_url(lin["page"])
    assert not page.trouble


def test_escape_closes_and_enter_shows_all(site: Any, lin: dict[str, str], visit: Any) -> None:
    page = visit()
    page.goto(site.address + "/channels/")
    found = typed(page, lin["tail"])
    eventually(lambda: found.locator("[role=option]").count() == 2)
    page.keyboard.press("Escape")
    assert not found.is_visible()
    assert page.locator("#search").input_value() == lin["tail"]
    page.keyboard.press("ArrowDown")
    assert found.is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/?search={lin['tail']}")
    assert page.locator("tbody tr").count() == 2
    assert not page.trouble


def test_a_suggestion_is_clicked(site: Any, lin: dict[str, str], visit: Any) -> None:
    page = visit(role="viewer")
    page.goto(site.address + "/channels/")
    found = typed(page, f"Lin {lin['user']}")
    found.locator("[role=option]").first.click()
    page.wait_for_url(lin["page"])
    assert not page.trouble


def test_an_event_is_found_by_its_message_id(site: Any, lin: dict[str, str], visit: Any) -> None:
    page = visit()
    page.goto(site.address + "/channels/")
    typed(page, f"{lin['user']}-1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/events/{lin['user']}-1/")
    assert not page.trouble


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_open_list_is_sound(
    site: Any, lin: dict[str, str], visit: Any, language: str, theme: str
) -> None:
    for width in (390, 1440):
        page = visit(language=language, width=width, theme=theme)
        page.goto(site.address + "/channels/")
        typed(page, lin["tail"])
        page.keyboard.press("ArrowDown")
        assert not visual_checks.faults(page)
