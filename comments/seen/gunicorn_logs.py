"""gunicorn's own log lines, in our shape; serving.py names this class."""

from typing import Any

from gunicorn.glogging import Logger

from comments.seen.logs import speak_for


class OurLines(Logger):  # type: ignore[misc]
    """What gunicorn has to say goes the way of all other lines."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        speak_for("gunicorn.error", "gunicorn.access")
