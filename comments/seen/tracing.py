"""Traces for those who set COMMENTS_OTLP_ENDPOINT: which part of a request, a job or a fan-out took how long.

Off, nothing of OpenTelemetry is loaded and a span is one test of a name. What is sent goes through outgoing.py, which
is handed down to `start`: the SDK's own exporter would open connections of its own. Names and attributes are ours;
exceptions are told by their class. No trace is taken over and none is passed on: neither readers' browsers nor
publishers and classifiers have to do with ours (X-Request-Id ties them to a proxy's log).
"""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

from comments.settings import SettingsError

Attributes = dict[str, str | int]
NOTHING: AbstractContextManager[None] = contextlib.nullcontext()

_tracer: Any = None
_provider: Any = None
_is_sending: ContextVar[bool] = ContextVar("is_sending", default=False)


def is_on() -> bool:
    return _tracer is not None


def span(name: str, attributes: Attributes | None = None) -> AbstractContextManager[None]:
    """Around what is to be seen as one part."""
    return NOTHING if _tracer is None or _is_sending.get() else _span(name, attributes or {})


def note(name: str, value: str | int) -> None:
    """Of the span that goes on here."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span  # noqa: PLC0415

        get_current_span().set_attribute(name, value)


@contextlib.contextmanager
def _span(name: str, attributes: Attributes) -> Iterator[None]:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as begun:
        try:
            yield
        except BaseException as error:
            begun.set_attribute("error.type", type(error).__name__)
            begun.set_status(StatusCode.ERROR)
            raise


def start(share: float, role: str, version: str, send: Callable[[bytes], object]) -> None:
    """Begin, in the process itself after the fork. `send` takes a request of OTLP/HTTP as bytes and raises if it fails.
    Raises SettingsError where the extra is not installed.
    """
    global _tracer, _provider  # noqa: PLW0603 - one for the process
    try:
        from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import ReadableSpan, TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased  # noqa: PLC0415
    except ImportError as error:
        raise SettingsError(
            "COMMENTS_OTLP_ENDPOINT needs the extra “tracing”: pip install 'comments[tracing]', or leave it out."
        ) from error

    class Sender(SpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            told = _is_sending.set(True)
            try:
                send(encode_spans(spans).SerializeToString())
            except Exception:  # the collector is away: what was to be sent is lost, and nothing else
                return SpanExportResult.FAILURE
            finally:
                _is_sending.reset(told)
            return SpanExportResult.SUCCESS

    resource = Resource({"service.name": "comments", "service.version": version, "comments.role": role})
    _provider = TracerProvider(resource=resource, sampler=ParentBased(TraceIdRatioBased(share)))
    _provider.add_span_processor(BatchSpanProcessor(Sender(), schedule_delay_millis=2000))
    _tracer = _provider.get_tracer("comments")


def end() -> None:
    """Send what is left, at the end of the process."""
    if _provider is not None:
        _provider.shutdown()
