"""What both sides of the demo know: the publications, their addresses, and where keys and state lie."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from comments.demo.kept import kept


@dataclass(frozen=True, slots=True)
class Publication:
    """A site of the demo. `algorithm`: how it signs its readers' tokens."""

    key: str
    algorithm: str

    @property
    def host(self) -> str:
        return f"{self.key}.localhost"


GAZETTE = Publication("gazette", "HS256")
MAGAZINE = Publication("magazine", "ES256")
LETTER = Publication("letter", "HS256")  # whose comments only subscribers read
PUBLICATIONS = (GAZETTE, MAGAZINE, LETTER)

PRODUCT = "digital"  # what each of them sells; the sites list it


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoConfig:
    """`data_dir`: the demo's own folder; `service_url`: where embed.js is; `archive`: fills the gazette instead."""

    data_dir: Path
    port: int
    service_url: str
    archive: Path | None = None

    def origin(self, publication: Publication) -> str:
        return f"http://{publication.host}:{self.port}"

    @property
    def jwks_url(self) -> str:
        return f"http://localhost:{self.port}/.well-known/jwks.json"

    @property
    def archive_list(self) -> Path:
        """The archive's articles, as seed.py leaves them for the newspaper."""
        return self.data_dir / "archive-articles.json"

    def secret(self, name: str) -> str:
        """A secret of the demo's, made on first use and kept for its owner alone (mode 0600)."""
        return kept(self.data_dir / name, lambda: secrets.token_urlsafe(48))
