"""The publisher's house: the publications with their articles and readers, and what every page of theirs is given."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import abort, render_template, request, session

from comments.demo.config import GAZETTE, PUBLICATIONS, DemoConfig, Publication
from comments.demo.kept import kept
from comments.demo.pages import archive_paper, read_paper
from comments.demo.readers import Reader, Readers
from comments.demo.tokens import sign

View = Callable[..., Any]


class Newspaper:
    """The publications with their content and readers."""

    def __init__(self, config: DemoConfig) -> None:
        self.config = config
        # the days of the articles are counted back from the first start, as those of the comments are
        began = date.fromisoformat(kept(config.data_dir / "began", lambda: datetime.now(UTC).date().isoformat()))
        self.papers = {publication: read_paper(publication.key, began) for publication in PUBLICATIONS}
        if config.archive is not None:
            self.papers[GAZETTE] = archive_paper(self.papers[GAZETTE], config.archive_list)
        self.readers = {
            publication: Readers(config.data_dir / f"{publication.key}-readers.json") for publication in PUBLICATIONS
        }

    def publication(self) -> Publication | None:
        """Whose host name the request came to."""
        host = request.host.partition(":")[0].lower()
        return next((publication for publication in PUBLICATIONS if publication.host == host), None)

    def reader(self, publication: Publication) -> Reader | None:
        return self.readers[publication].find(session.get("reader"))

    def token(self, publication: Publication, reader: Reader) -> str:
        return sign(self.config, publication, reader, time.time())

    def of_a_publication(self, view: View) -> View:
        """A view that is given the publication of the host name; elsewhere there is no such page."""

        @wraps(view)
        def with_publication(**values: Any) -> Any:
            publication = self.publication()
            if publication is None:
                abort(404)
            return view(publication, **values)

        return with_publication

    def render(self, publication: Publication, template: str, **values: Any) -> str:
        """A page of a publication for whoever asks."""
        reader, now = self.reader(publication), time.time()
        return render_template(
            template,
            site=publication.key,
            paper=self.papers[publication],
            service=self.config.service_url,
            reader=reader,
            state=None if reader is None else reader.state(now),
            reads_all=reader is not None and reader.reads_all(now),
            here=request.full_path.rstrip("?"),
            **values,
        )


def local_path(text: str | None, origin: str) -> str:
    """Where to go back to: a path of this very site, whatever was asked for; of a full address of ours, its path."""
    text = text or "/"
    if text.startswith(origin + "/"):
        text = text.removeprefix(origin)
    parts = urlsplit(text)
    plain = text.isprintable() and text.isascii() and "\\" not in text and not text.startswith("//")
    return text if text.startswith("/") and plain and not parts.scheme and not parts.netloc else "/"
