"""With which fonts a page is looked at: a layout must hold in any, for we do not choose those of a reader's machine.

Not here: what must hold (visual_checks.py).
"""

import re
from typing import Any

SHIPPED = "shipped"
BLOCKED = "blocked"  # no font comes through: what this machine has, whatever that is
WIDE = "wide"  # ours, but as much wider as the widest that readers have are
ALL = (SHIPPED, BLOCKED, WIDE)
LARGER = "size-adjust: 112%; font-display"

FILE = re.compile(r"\.woff2?(\?|$)")
RULES = re.compile(r"/vendor/fonts(\.\w+)?\.css")


def use(context: Any, font: str) -> None:
    """What the pages of a context are set in from now on."""
    if font == BLOCKED:
        context.route(FILE, lambda route: route.abort())
    if font == WIDE:
        context.route(RULES, _widened)


def _widened(route: Any) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("font-display", LARGER))


def used(page: Any, where: str) -> dict[str, bool]:
    """The families the first such element's own text is set in, and whether each came with the page."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": where})["nodeId"]
    found = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {one["familyName"]: one["isCustomFont"] for one in found}
