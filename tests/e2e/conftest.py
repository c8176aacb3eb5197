"""Browsers for the stories of this folder: Chromium, a profile for each reader, third-party cookies blocked."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsers import CHROMIUM_OPTIONS, Reader

PATIENCE = 10_000  # milliseconds that an expectation may take to come true


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "Chromium is not installed (Debian: apt-get install chromium)."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def reader(browser: Browser) -> Iterator[Callable[..., Reader]]:
    """Seat a reader at a browser of their own: `reader()`; options are those of Playwright's new_context.

    At the end of the test no browser may have complained: no error or warning in a console, no uncaught exception, no
    answer of 500 or above, except what the story has foreseen.
    """
    seated: list[Reader] = []

    def seat(**options: Any) -> Reader:
        context = browser.new_context(locale="en-GB", timezone_id="Europe/London", **options)
        context.set_default_timeout(PATIENCE)
        seated.append(Reader(context))
        return seated[-1]

    yield seat
    surprises = [f"reader {number}: {text}" for number, one in enumerate(seated, 1) for text in one.surprises()]
    for one in seated:
        one.context.close()
    assert not surprises, "\n".join(surprises)
