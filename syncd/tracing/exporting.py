"""Traces in the form of OpenTelemetry, sent over OTLP/HTTP. Loaded only where they are asked for.

Configured by the standard `OTEL_*` variables. What happens to the spans on their way is no concern
of the work that they tell of: they are sent by a thread of its own, from a queue that is bounded,
and what cannot be sent is dropped.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import Token

import structlog
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from syncd.tracing.work import UNKEPT, Attributes, Reference, Span, keep_with

log = structlog.get_logger(__name__)

STOP_SECONDS = 5.0
"""How long what is still to be sent may take when the process ends."""

Clean = Callable[[str], str]


def start(*, version: str, clean: Clean) -> Callable[[], None]:
    """Keeps the spans of this process from now on; returns what ends it, which takes STOP_SECONDS
    at most. `clean` takes secrets out of a text. Raises ValueError for variables of no use.
    """
    resource = Resource.create({"service.version": version, "service.name": _service_name()})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    # its own lines would come with every batch; `_Sending` tells once
    telling = logging.getLogger("opentelemetry")
    before = telling.level
    telling.setLevel(logging.CRITICAL)
    provider.add_span_processor(BatchSpanProcessor(_Sending(OTLPSpanExporter())))
    keep_with(_Kept(provider.get_tracer("syncd", version), clean))

    def end() -> None:
        keep_with(UNKEPT)
        ending = threading.Thread(target=provider.shutdown, name="syncd-traces", daemon=True)
        ending.start()
        ending.join(STOP_SECONDS)
        telling.setLevel(before)

    return end


def _service_name() -> str:
    """`OTEL_SERVICE_NAME` and the attribute of the resource are the SDK's to read."""
    given = os.environ.get("OTEL_SERVICE_NAME")
    listed = os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    for each in listed.split(","):
        name, _, value = each.partition("=")
        if name.strip() == "service.name" and not given:
            given = value.strip()
    return given or "syncd"


class _Kept:
    """Spans, each handed to the SDK as it ends."""

    def __init__(self, tracer: trace.Tracer, clean: Clean) -> None:
        self._tracer = tracer
        self._clean = clean

    def begin(self, name: str, attributes: Attributes, after: Sequence[Reference]) -> Span:
        links = [trace.Link(_context_of(one)) for one in after]
        span = self._tracer.start_span(name, attributes=self._said(attributes), links=links)
        return _Open(span, self._said)

    def happened(
        self, name: str, attributes: Attributes, *, seconds: float, error_type: str | None
    ) -> None:
        ended = time.time_ns()
        span = self._tracer.start_span(
            name,
            kind=trace.SpanKind.CLIENT,
            attributes=self._said(attributes),
            start_time=ended - int(seconds * 1e9),
        )
        if error_type is not None:
            _failed(span, error_type)
        span.end(end_time=ended)

    def _said(self, attributes: Attributes) -> dict[str, str | int | float | bool]:
        """What spans say, in one manner of naming and without secrets."""
        return {
            name if "." in name else f"syncd.{name}": (
                self._clean(value) if isinstance(value, str) else value
            )
            for name, value in attributes.items()
        }


class _Open:
    """A span that is the open one of its context until it ends."""

    def __init__(
        self, span: trace.Span, said: Callable[[Attributes], Mapping[str, str | int | float | bool]]
    ) -> None:
        self._span = span
        self._say = said
        self._token: Token[Context] = contexts.attach(trace.set_span_in_context(span))

    @property
    def reference(self) -> Reference | None:
        found = self._span.get_span_context()
        if not found.is_valid:  # OTEL_SDK_DISABLED
            return None
        return Reference(f"{found.trace_id:032x}", f"{found.span_id:016x}")

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes(dict(self._say(attributes)))

    def fail(self, error_type: str) -> None:
        _failed(self._span, error_type)

    def end(self, *, kept: bool) -> None:
        contexts.detach(self._token)
        # one that is never ended is never sent
        if kept:
            self._span.end()


def _failed(span: trace.Span, error_type: str) -> None:
    span.set_attribute("error.type", error_type)
    span.set_status(trace.StatusCode.ERROR)


def _context_of(reference: Reference) -> trace.SpanContext:
    return trace.SpanContext(
        trace_id=int(reference.trace_id, 16),
        span_id=int(reference.span_id, 16),
        is_remote=False,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )


class _Sending(SpanExporter):
    """Sends, and says in the log once that it cannot, and once that it can again."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        failed = result is not SpanExportResult.SUCCESS
        if failed and not self._failing:
            log.warning("traces.not_sent", spans=len(spans))
        elif self._failing and not failed:
            log.info("traces.sent_again", spans=len(spans))
        self._failing = failed
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)
