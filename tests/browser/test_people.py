"""How an admin lets somebody in and out again in a browser, tokens, the audit log, settings, another workspace."""

import os
import re
import uuid

import pytest

from tests.browser import visual_checks
from tests.browser.conftest import PASSWORD, committed
from tests.browser.test_identity import violations

pytestmark = pytest.mark.django_db
LOOKS = [("en", 390), ("en", 1440), ("zh-hans", 390), ("zh-hans", 1440)]
WORD = "a long and quiet word"
WIDE = 1440  # from here on a page is looked at in every width


def sound(page, name, *, axe=True):
    """No fault is seen, on a wide screen at no width; a picture where somebody asks for them."""
    own = page.viewport_size
    wide = own["width"] >= WIDE
    found = visual_checks.faults_at(page, visual_checks.WIDTHS) if wide else visual_checks.faults(page)
    page.set_viewport_size(own)
    assert found == [], name
    assert not page.trouble
    if folder := os.environ.get("HUILIU_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True, caret="initial")  # else it sets styles
    if axe:
        assert violations(page) == [], name


def fresh(browser, site, language, width, path):
    """Somebody else's browser."""
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "language", "value": language, "url": site.address}])
    page = context.new_page()
    visual_checks.listen(page)
    page.goto(path)
    return page


def invited(page, site, email, role, name):
    """From the list of members to the link that is shown once."""
    page.goto(f"{site.address}/workspace/members/")
    sound(page, f"members-{name}")
    page.fill("#email", email)
    page.locator(f"input[name=role][value={role}]").check()
    page.locator("#invite .btn-primary").click()
    page.locator("#once").wait_for()
    sound(page, f"invited-{name}")
    page.locator("[data-copy=once]").click()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.locator("#once").inner_text()
    page.reload()
    assert page.locator("#once").count() == 0
    return link


def joins(theirs, site, name):
    """What somebody sees who opens their link."""
    sound(theirs, f"invitation-{name}")
    theirs.fill("#password", WORD)
    theirs.fill("#again", WORD)
    theirs.press("#again", "Enter")
    theirs.wait_for_selector(".hl-shell")
    assert theirs.locator("nav a[href='/workspace/members/']").count() == 0
    assert theirs.goto(f"{site.address}/workspace/audit/").status == 403
    theirs.goto(f"{site.address}/workspace/tokens/")
    assert theirs.locator(".tabs a").count() == 2
    theirs.goto(f"{site.address}/customers/{site.key}/")  # contact data as it is


def removes(page, site, email, name):
    """From the list to the page of one, and out."""
    page.goto(f"{site.address}/workspace/members/")
    row = page.locator("tr", has_text=email)
    assert row.locator(".lbl.good").count() == 1
    row.locator("a").click()
    sound(page, f"member-{name}")
    page.locator("form[action$='/remove/'] button").click()
    page.locator("main > .msg.good").wait_for()
    assert page.locator("tr", has_text=email).count() == 0


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_somebody_is_let_in_and_out_again(site, visit, browser, language, width):
    name, email = f"{language}-{width}", f"lin-{uuid.uuid4().hex[:6]}@example.com"
    page = visit(language, width, "dark" if (language, width) == LOOKS[0] else "light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    theirs = fresh(browser, site, language, width, invited(page, site, email, "analyst", name))
    try:
        joins(theirs, site, name)
        removes(page, site, email, name)
        assert theirs.goto(f"{site.address}/customers/").status == 403
        assert theirs.locator("form[action$='/signout/']").count() == 1
        theirs.trouble.clear()
        sound(theirs, f"no-workspace-{name}")
    finally:
        theirs.context.close()
    page.goto(f"{site.address}/workspace/audit/?actor={email}")
    assert page.locator(f"tbody a[href='/customers/{site.key}/']").count() == 1
    for what, asked in (
        ("audit-of", f"?actor={email}"),
        ("audit", ""),
        ("audit-none", "?target=none-like-it"),
    ):
        page.goto(f"{site.address}/workspace/audit/{asked}")
        sound(page, f"{what}-{name}")


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_a_token_is_made_copied_and_taken_back(site, visit, language, width):
    name, called = f"{language}-{width}", f"Nightly export {uuid.uuid4().hex[:6]}"
    page = visit(language, width)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site.address}/workspace/tokens/")
    page.fill("#name", called)
    page.locator("input[name=role][value=analyst]").check()
    page.locator("#make .btn-primary").click()
    page.locator("#once").wait_for()
    sound(page, f"token-{name}")
    page.locator("[data-copy=once]").click()
    token = page.evaluate("navigator.clipboard.readText()")
    program = {"Authorization": f"Token {token}"}
    assert page.request.get(f"{site.address}/api/profiles/", headers=program).status == 200
    page.reload()
    assert token not in page.content()
    row = page.locator("tbody tr:not(.sure)", has_text=called)
    row.locator(".btn-danger-q").click()
    page.locator("tr.sure:target").wait_for()
    sound(page, f"token-sure-{name}")
    page.locator("tr.sure:target button").click()
    page.locator("main > .msg.good").wait_for()
    assert page.locator("tbody tr:not(.sure)", has_text=called).count() == 0
    assert page.request.get(f"{site.address}/api/profiles/", headers=program).status == 401


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_settings_and_ones_own_password(site, visit, language, width):
    name = f"{language}-{width}"
    page = visit(language, width)
    page.goto(f"{site.address}/workspace/")
    assert page.locator("#currency:disabled").count() == 1
    sound(page, f"settings-{name}")
    page.goto(f"{site.address}/account/password/")
    page.fill("#old", "not my password")
    page.fill("#password", WORD)
    page.fill("#again", WORD)
    page.locator("main form .btn-primary").click()
    page.locator("#old[aria-invalid]").wait_for()
    assert page.evaluate("document.activeElement.id") == "old"
    page.trouble.clear()
    sound(page, f"password-{name}")


@pytest.fixture
def second(site):
    """Another workspace of the admin's."""

    def make():
        from django.contrib.auth.models import User

        from channels import setup
        from kernel.models import Member

        other = setup.add_workspace("Second brand with a rather long name")
        user = User.objects.get(username="admin-in-browser")
        Member.objects.create(workspace=other, user=user, role="admin")
        return other

    other = committed(make)
    yield other
    committed(lambda: other.member_set.all().delete())


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_from_one_workspace_to_the_other(site, visit, second, language, width):
    name = f"{language}-{width}"
    page = visit(language, width)
    here = "#workspaces" if width >= WIDE else ".hl-top > details.hl-menu:last-of-type"
    page.goto(f"{site.address}/workspace/members/")
    left = page.context.new_page()
    left.goto(f"{site.address}/workspace/")
    was = left.locator("#name").input_value()
    page.locator(f"{here} > summary").click()
    sound(page, f"workspaces-{name}", axe=False)
    page.locator(f"{here} button[value='{second.slug}']").click()
    page.wait_for_url(re.compile(r"/$"))
    assert second.name in page.locator(".hl-nav .foot").text_content()
    left.fill("#name", "Written from a page of the other one")
    with left.expect_navigation() as told:
        left.locator("main form .btn-primary").click()
    assert told.value.status == 403
    page.goto(f"{site.address}/workspace/")
    assert page.locator("#name").input_value() == second.name != was
    assert page.locator("#currency:enabled").count() == 1
    sound(page, f"settings-new-{name}")
    assert page.goto(f"{site.address}/customers/{site.key}/").status == 404


def test_without_a_script_it_works_as_well(site, browser):
    context = browser.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(site.address + "/signin/")
        page.fill("#username", "admin-in-browser")
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.goto(f"{site.address}/workspace/tokens/")
        page.fill("#name", "By hand")
        page.locator("#make .btn-primary").click()
        assert page.locator("#once").inner_text().startswith("hl_")
        page.locator("tr", has_text="By hand").locator(".btn-danger-q").first.click()
        page.locator("tr.sure:target button").click()
        assert page.locator("main > .msg.good").count() == 1
    finally:
        context.close()
