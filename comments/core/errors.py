"""Everything that may be refused, as exceptions: actions raise them, only the edges catch them.

`code` is stable and is what clients and `locales/` look up; `extras` become members of the problem document (RFC 9457).
"""

from typing import Any, ClassVar


class CommentsError(Exception):
    """The one base. `code`: stable word for programs; `detail`: a sentence for people; `extras`: JSON values."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"

    def __init__(self, code: str, detail: str, **extras: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.extras = extras


class Malformed(CommentsError):
    """400: the request itself is wrong; `field` names where."""

    status = 400
    title = "Bad request"

    def __init__(self, detail: str, field: str | None = None, code: str = "malformed") -> None:
        super().__init__(code, detail, **({"field": field} if field else {}))


class Unauthenticated(CommentsError):
    """401: no token, or one that does not count; `claim` names the part that was wrong."""

    status = 401
    title = "Not signed in"

    def __init__(self, code: str, detail: str, claim: str | None = None) -> None:
        super().__init__(code, detail, **({"claim": claim} if claim else {}))


class Forbidden(CommentsError):
    """403: known, and not allowed; `code` says which state forbids it."""

    status = 403
    title = "Not allowed"


class NotFound(CommentsError):
    """404: there is none, or the asker may not know of it."""

    status = 404
    title = "Not found"

    def __init__(self, what: str) -> None:
        super().__init__("not_found", f"There is no such {what}.")


class TooSlow(CommentsError):
    """408: what was sent did not come in time."""

    status = 408
    title = "Request timeout"

    def __init__(self, detail: str) -> None:
        super().__init__("too_slow", detail)


class Conflict(CommentsError):
    """409: it changed meanwhile, or the idempotency key belongs to another request."""

    status = 409
    title = "Conflict"


class Outdated(CommentsError):
    """412: what If-Match names is no longer what stands; `etag` is."""

    status = 412
    title = "Changed since it was read"

    def __init__(self, detail: str, etag: str) -> None:
        super().__init__("outdated", detail, etag=etag)


class TooLarge(CommentsError):
    """413: more than is read at all."""

    status = 413
    title = "Too large"

    def __init__(self, detail: str, limit: int) -> None:
        super().__init__("too_large", detail, limit=limit)


class Unsupported(CommentsError):
    """415: in a form that we do not read."""

    status = 415
    title = "Unsupported media type"

    def __init__(self, detail: str, field: str) -> None:
        super().__init__("unsupported", detail, field=field)


class Refused(CommentsError):
    """422: a rule refused it; `code` is the rule, `finding` the stored form of what it found."""

    status = 422
    title = "Refused by a rule"

    def __init__(self, code: str, finding: dict[str, Any]) -> None:
        super().__init__(code, f"The rule “{code}” does not allow this.", finding=finding)


class TooMany(CommentsError):
    """429: too many requests; `retry_after` in whole seconds."""

    status = 429
    title = "Too many requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "too_many_requests", f"Too many requests: try again in {retry_after} s.", retry_after=retry_after
        )


class Unavailable(CommentsError):
    """503: cannot be done now; the same request may succeed in `retry_after` seconds."""

    status = 503
    title = "Unavailable"

    def __init__(self, detail: str, retry_after: int = 5) -> None:
        super().__init__("unavailable", detail, retry_after=retry_after)


class FileElsewhere(Unavailable):
    """503: a file that is not in this process's data folder; the next request may reach a machine that has it."""

    DETAIL = "The file is not on this machine: machines that serve together need one shared data folder."

    def __init__(self) -> None:
        super().__init__(self.DETAIL)
        self.code = "file_elsewhere"
