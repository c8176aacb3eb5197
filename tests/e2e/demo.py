"""The demo as a stage: `comments demo` started once, and visitors who open its articles."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.conftest import NO_LIMIT
from tests.e2e.browsers import Reader
from tests.served import Served
from tests.servers import free_port, is_open, wait_until


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Started as `make run` starts it, in an empty data folder."""
    folder = tmp_path_factory.mktemp("demo")
    port, demo_port = free_port(), free_port()
    environ = {
        "COMMENTS_PORT": str(port),
        "DEMO_PORT": str(demo_port),
        "COMMENTS_DATA_DIR": str(folder / "var"),
        "COMMENTS_SOCKETS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SOCKETS_PER_ADDRESS": NO_LIMIT,
        "COMMENTS_REQUESTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SITE_POSTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_SITE_REQUESTS_PER_MINUTE": NO_LIMIT,
        "COMMENTS_POSTS_PER_MINUTE": NO_LIMIT,
    }
    demo = Served(["demo"], environ, f"http://localhost:{port}", folder / "demo.log")
    demo.wait_until_ready()
    wait_until(lambda: is_open(demo_port), "the newspaper", 60)  # it starts when the service is there
    yield demo
    code = demo.stop()
    print(demo.log())
    assert (code, demo.complaints()) == (0, [])


def front(demo: Served, publication: str) -> str:
    return f"http://{publication}.localhost:{demo.environ['DEMO_PORT']}/"


@pytest.fixture
def open_article(demo: Served, reader: Callable[..., Reader]) -> Callable[..., Reader]:
    """Somebody opens an article and scrolls to its comments, logged in or not."""

    def go(publication: str, article: str, name: str | None = None) -> Reader:
        someone = reader()
        someone.page.goto(f"{front(demo, publication)}articles/{article}")
        if name is None:
            scroll_to_comments(someone)
        else:
            log_in(someone, name)
        return someone

    return go


@pytest.fixture
def open_first_article(demo: Served, reader: Callable[..., Reader]) -> Callable[[str], Reader]:
    """Somebody opens the first article of a publication's front page."""

    def go(publication: str) -> Reader:
        someone = reader()
        someone.page.goto(front(demo, publication))
        someone.page.get_by_role("article").first.get_by_role("heading").get_by_role("link").click()
        scroll_to_comments(someone)
        return someone

    return go


def scroll_to_comments(someone: Reader) -> None:
    """The thread is loaded when the reader comes near."""
    someone.thread.box.first.scroll_into_view_if_needed()
    expect(someone.thread.heading.first).to_be_visible()


def log_in(someone: Reader, name: str) -> None:
    someone.page.locator("#login").click()
    someone.page.locator(f'[data-reader="{name}"]').click()
    scroll_to_comments(someone)


def count_of(someone: Reader, article: str) -> Locator:
    """The first number of comments on the page for this article: in its teaser or below its headline."""
    return someone.page.locator(f'[data-comment-count="{article}"]').first
