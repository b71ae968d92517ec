"""What is told of each exchange with a source: counted, logged where somebody looks so closely,
and a span of the run that it was made for.
"""

from __future__ import annotations

import structlog

from connectors.base import Exchange, Observer
from syncd.tracing.work import spans

log = structlog.get_logger(__name__)


class Exchanges:
    """An observer that passes on to the one that counts."""

    def __init__(self, counted: Observer) -> None:
        self._counted = counted

    def exchanged(self, exchange: Exchange) -> None:
        """Counts, logs and traces it; on the run's own thread, right after the exchange."""
        self._counted.exchanged(exchange)
        log.debug(
            "source.asked",
            source=exchange.source,
            method=exchange.method,
            path=exchange.path,
            status=exchange.status,
            error_type=exchange.error_type,
            seconds=exchange.seconds,
            waited_seconds=exchange.waited_seconds,
            bytes_received=exchange.bytes_received,
            attempt=exchange.attempt,
        )
        attributes: dict[str, str | int | float | bool] = {
            "syncd.source": exchange.source,
            "http.request.method": exchange.method,
            "server.address": exchange.host,
            "url.path": exchange.path,
            "http.response.body.size": exchange.bytes_received,
            "http.request.resend_count": exchange.attempt - 1,
            "syncd.waited_seconds": exchange.waited_seconds,
        }
        if exchange.port is not None:
            attributes["server.port"] = exchange.port
        if exchange.status is not None:
            attributes["http.response.status_code"] = exchange.status
        spans().happened(
            f"{exchange.method} {exchange.source}",
            attributes,
            seconds=exchange.seconds,
            error_type=exchange.error_type,
        )
