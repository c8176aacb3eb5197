"""The source of a published comment goes to whoever is going to edit it, and to nobody else."""

from typing import Any

import pytest
from flask import Flask

from tests.gazette import Gazette, Reader


@pytest.fixture
def paper(app: Flask, clock: Any) -> Gazette:
    return Gazette.make(app, clock)


def test_only_its_author_gets_the_source(paper: Gazette) -> None:
    kiesel, bach = paper.reader("kiesel"), paper.reader("bach")
    posted = kiesel.post("A **strong** word")["id"]

    def target(asker: Reader | Gazette) -> Any:
        answer = asker.call("GET", f"/comments/{posted}/context")
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
        return next(one for one in answer.json["comments"] if one["id"] == posted)

    assert target(kiesel)["source"] == "A **strong** word"
    assert "source" not in target(bach)
    assert "source" not in target(paper)
