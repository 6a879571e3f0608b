"""A real browser for the pages: what it shows, its console errors, and what it requests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # has no types
from playwright.sync_api import Browser, Page, sync_playwright

from conformance.selftest.waiting import LONGEST

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = "there is no Chromium here, and apt-get could not install one"


@dataclass
class Visit:
    """A page that is open in a browser."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """What the browser wrote into its console, and errors of scripts."""
    requests: list[str] = field(default_factory=list)
    """The addresses that the page requested."""

    def texts(self, selector: str) -> list[str]:
        """The text of each element."""
        return [text.strip() for text in self.page.locator(selector).all_inner_texts()]

    def rows(self, caption: str) -> list[list[str]]:
        """The cells of the table that a caption names, without its head."""
        rows = self.page.locator(f'[aria-labelledby="{caption}"] tbody tr').all()
        return [[text.strip() for text in row.locator("th, td").all_inner_texts()] for row in rows]

    def faults_of_access(self) -> list[str]:
        """What axe calls a serious or critical fault of accessibility."""
        found = Axe().run(self.page).response["violations"]
        return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]

    @property
    def cut_tables(self) -> list[str]:
        """The names of the tables that do not fit, so that a reader must scroll them sideways."""
        return list(
            self.page.locator(".scroll").evaluate_all(
                "all => all.filter(each => each.scrollWidth > each.clientWidth + 1)"
                ".map(each => each.getAttribute('aria-labelledby') || each.getAttribute('aria-label'))"
            )
        )

    @property
    def smallest_label(self) -> float:
        """The height in pixels of the smallest text in a picture."""
        heights = self.page.locator("svg text").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().height)"
        )
        return float(min(heights, default=99))

    @property
    def is_too_wide(self) -> bool:
        """Whether a reader must scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))


@contextmanager
def launch() -> Iterator[Browser]:
    """A browser of this machine, or a skipped test."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"], timeout=LONGEST * 1000
        )
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, url: str, *, width: int = 1400, dark: bool = False) -> Iterator[Visit]:
    """Open a page in a window of a width, in the light or the dark scheme."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    context.set_default_timeout(LONGEST * 1000)
    found = Visit(context.new_page())
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.goto(url)
    yield found
    context.close()
