"""`make shot`: a picture of every page, in both languages, light and dark, at five widths, into var/shots.

    python -m tests.browser.shots                                        starts the product, loads the demo
    python -m tests.browser.shots --url http://127.0.0.1:8000 --password WORD     looks at one that runs (for its page
                                                          of components with HUILIU_COMPONENTS_PAGE=1)
    python -m tests.browser.shots … --only 'kpi-*' --looks zh-hans-dark-390       some pages, some looks
    python -m tests.browser.shots … --font blocked      in the fonts of this machine; wide: ours, a good deal wider

Each picture's page is held against visual_checks.py; what is wrong is told as it is seen, and the exit is 1.
Not here: which pages there are (gallery.py), what must not be seen (visual_checks.py).
"""

import argparse
import fnmatch
import itertools
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Error, sync_playwright

from cdp.run.embedded import passwords
from tests.browser import fonts, gallery, visual_checks
from tests.conftest import chromium_here
from tests.test_up import BASE, Up, environment

SHOTS = Path("var/shots")
LANGUAGES, THEMES = ("en", "zh-hans"), ("light", "dark")
PATIENCE_MS = 30_000  # a machine may be busy
DEMO_SECONDS = 600
EMPTY = "main"  # the workspace that the demo leaves as it was


class Look(NamedTuple):
    """How a page is looked at."""

    language: str
    theme: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


class Where(NamedTuple):
    """A running product, and who signs in there."""

    url: str
    user: str
    password: str


LOOKS = [Look(*each) for each in itertools.product(LANGUAGES, THEMES, visual_checks.WIDTHS)]


def main(words: list[str] | None = None) -> int:
    """The program: 0 when every page is sound."""
    options = _options().parse_args(words)
    looks = [look for look in LOOKS if fnmatch.fnmatch(str(look), options.looks)]
    begin = time.monotonic()
    with _product(options) as where, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_here(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        studio = Studio(browser, where, options.only, options.font)
        for _same, widths in itertools.groupby(looks, lambda look: (look.language, look.theme)):
            studio.shoot(list(widths))
        browser.close()
    print(
        f"{studio.taken} pictures in {SHOTS}/ in {time.monotonic() - begin:.0f} s, {len(studio.wrong)} faults."
    )
    return 1 if studio.wrong or not studio.taken else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.shots", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--url", help="of a running product; without it one is started for the pictures")
    parser.add_argument("--user", default="admin")
    parser.add_argument(
        "--password", default=os.environ.get("HUILIU_PASSWORD", ""), help="or HUILIU_PASSWORD"
    )
    parser.add_argument("--only", default="*", help="pattern of names: 'kpi-*'")
    parser.add_argument("--looks", default="*", help="pattern of looks: 'zh-hans-*-390'")
    parser.add_argument("--font", default=fonts.SHIPPED, choices=fonts.ALL, help="what pages are set in")
    return parser


@contextmanager
def _product(options: argparse.Namespace) -> Iterator[Where]:
    """What runs already, or a product of our own with the demo, in a folder that goes away."""
    if options.url:
        yield Where(options.url.rstrip("/"), options.user, options.password)
        return
    with tempfile.TemporaryDirectory(prefix="huiliu-shots-") as folder:
        var = Path(folder)
        var.chmod(0o711)  # PostgreSQL may run as nobody in there
        up = Up(var, HUILIU_COMPONENTS_PAGE="1").ready()
        try:
            url = f"http://127.0.0.1:{up.port}"
            demo = [sys.executable, "manage.py", "demo", "--address", url]
            subprocess.run(
                demo, cwd=BASE, env=environment(var, PORT=str(up.port)), check=True, timeout=DEMO_SECONDS
            )
            yield Where(url, "admin", passwords(var)["LOGIN_PASSWORD"])
        finally:
            up.stop()


class Studio:
    """One browser that goes from page to page; `wrong` has a line for each fault."""

    def __init__(self, browser: Any, where: Where, only: str, font: str) -> None:
        self.browser, self.where, self.only, self.font = browser, where, only, font
        self.wrong: list[str] = []
        self.taken = 0
        self.sights: list[gallery.Sight] = []

    def shoot(self, looks: list[Look]) -> None:
        """Every page in looks that differ in width alone: it is loaded once, and the window made wider."""
        for one in looks:
            (SHOTS / str(one)).mkdir(parents=True, exist_ok=True)
        look = looks[0]
        viewport = {"width": look.width, "height": visual_checks.HEIGHT}
        context = self.browser.new_context(viewport=viewport, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE_MS)
        fonts.use(context, self.font)
        kept = {"language": look.language, "theme": look.theme}
        context.add_cookies(
            [{"name": name, "value": value, "url": self.where.url} for name, value in kept.items()]
        )
        page = context.new_page()
        visual_checks.listen(page)
        self._all(page, gallery.outside(), looks)
        self._sign_in(page)
        self.sights = self.sights or gallery.pages(lambda path: _asked(context, self.where.url, path))
        self._all(page, self.sights, looks)
        if self._enter(page, EMPTY):
            self._all(page, gallery.bare(), looks)
        context.close()

    def _sign_in(self, page: Any) -> None:
        page.goto(self.where.url + "/signin/")
        page.fill("#username", self.where.user)
        page.fill("#password", self.where.password)
        page.press("#password", "Enter")
        page.wait_for_selector(".hl-shell")

    def _enter(self, page: Any, workspace: str) -> bool:
        """Into another workspace, where this person has it."""
        page.goto(self.where.url + "/channels/")
        choice = (
            f"button[name=workspace][value={workspace}]"  # in a menu of its own, on a phone in the person's
        )
        menu = page.locator(f".hl-top details.hl-menu:has({choice}) > summary:visible")
        if not menu.count():
            return False
        menu.first.click()
        page.locator(f"{choice}:visible").click()
        page.wait_for_load_state("load")
        return True

    def _all(self, page: Any, sights: list[gallery.Sight], looks: list[Look]) -> None:
        for sight in sights:
            wanted = [look for look in looks if sight.width in (0, look.width)]
            if wanted and fnmatch.fnmatch(sight.name, self.only):
                for what in self._one(page, sight, wanted):
                    self.wrong.append(what)
                    print(what, flush=True)

    def _one(self, page: Any, sight: gallery.Sight, looks: list[Look]) -> list[str]:
        """Pictures are taken even of a page with faults: they are best seen."""
        found = [f"{looks[0]}/{sight.name}: {what}" for what in self._reached(page, sight, looks[0])]
        for look in looks:
            page.evaluate("scrollTo(0, 0)")
            wrong = visual_checks.faults_at(page, [look.width])
            found += [f"{look}/{sight.name}: {what}" for what in wrong]
            page.screenshot(path=SHOTS / str(look) / f"{sight.name}.png", full_page=True)
            self.taken += 1
        page.emulate_media(media="screen")
        return found

    def _reached(self, page: Any, sight: gallery.Sight, look: Look) -> list[str]:
        """The page, and what is done on it first; what went wrong meanwhile."""
        page.set_viewport_size({"width": look.width, "height": visual_checks.HEIGHT})
        try:
            answer = page.goto(self.where.url + sight.address)
            if answer.status != sight.status:
                return [f"answers {answer.status}, not {sight.status}"]
            if sight.act:
                sight.act(page)
        except Error as problem:
            return [re.sub(r"\s+", " ", str(problem))[:300]]
        return []


def _asked(context: Any, url: str, path: str) -> Any:
    answer = context.request.get(url + path)
    if not answer.ok:
        raise LookupError(f"{path} answers {answer.status}")
    return answer.json() if path.startswith("/api/") else answer.text()


if __name__ == "__main__":
    raise SystemExit(main())
