"""A gazette as the tests of HTTP have it."""

from tests.http.conftest import paper

__all__ = ["paper"]
