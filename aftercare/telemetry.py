"""OpenTelemetry behind a setting: spans under the id that messages carry.

Without `AFTERCARE_OTLP_ENDPOINT` nothing is made and nothing is sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from aftercare.domain import trace
from aftercare.settings import Settings

NAME = "aftercare"
_provider: TracerProvider | None = None


def configure(settings: Settings, part: str) -> None:
    """Begin to send spans of this process (OTLP over HTTP), where that is set."""
    global _provider
    if not settings.otlp_endpoint or _provider is not None:
        return
    # Loads protobuf: only where it is used.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    about = Resource.create({"service.name": NAME, "service.instance.id": part})
    _provider = TracerProvider(resource=about)
    exporter = OTLPSpanExporter(endpoint=settings.otlp_endpoint)
    _provider.add_span_processor(BatchSpanProcessor(exporter))


def close() -> None:
    """Send what is left, and stop."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None


@contextmanager
def span(name: str, **about: str | int | float) -> Iterator[None]:
    """Time a piece of work as a span of the current trace.

    `about` holds codes and counts; a customer's words or keys never.
    """
    found = trace.current()
    if _provider is None or found is None:
        yield
        return
    tracer = _provider.get_tracer(NAME)
    inside = otel.get_current_span().get_span_context()
    context = None
    if inside.trace_id != int(found, 16):
        # The first span of this process hangs under the message's own trace.
        parent = SpanContext(
            int(found, 16), secrets.randbits(64) | 1, True, TraceFlags(1)
        )
        context = otel.set_span_in_context(NonRecordingSpan(parent))
    with tracer.start_as_current_span(name, context=context, attributes=about):
        yield
