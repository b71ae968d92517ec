"""What the process says of itself: requests to sources, runs, with the prometheus-client registry.

These belong to one process, unlike the key results' metrics, which are read from the store and
are the same at every replica.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from connectors.base import Exchange
from syncd.intake.hooks import HookOutcome
from syncd.intake.reading import Refusal
from syncd.measuring import RunReport
from syncd.outgoing.courier import DeliveryOutcome

SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


SAMPLED_SECONDS = 3.0
"""A sample that is older is taken anew by whoever needs it."""


class Sampled(Collector):
    """What another collector found when it was asked to `sample` last: to find it out takes a dozen
    calls of the system, after each of which a thread beside a busy worker waits for its turn.
    """

    def __init__(self, of: Collector) -> None:
        self._of = of
        self._found: tuple[float, Sequence[Metric]] = (-math.inf, ())

    def sample(self) -> None:
        """Finds it out."""
        self._found = time.monotonic(), list(self._of.collect())

    def collect(self) -> Iterable[Metric]:
        """The last sample, a new one where that is too old."""
        if time.monotonic() - self._found[0] > SAMPLED_SECONDS:
            self.sample()
        return self._found[1]


class Instruments:
    """Counts exchanges, runs and deliveries. What is known of `sources` and `targets`
    is initialised at zero, so absence means trouble.
    """

    def __init__(self, sources: Sequence[str], targets: Sequence[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self.process = Sampled(ProcessCollector(registry=None))
        self.registry.register(self.process)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "syncd_source_requests_total",
            "HTTP exchanges with a source, retries included; error_type is empty for a good one.",
            ["source", "error_type"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "syncd_source_request_seconds",
            "How long an exchange with a source took.",
            ["source"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._bytes = Counter(
            "syncd_source_received_bytes_total",
            "Bytes received from a source.",
            ["source"],
            registry=self.registry,
        )
        self._retries = Counter(
            "syncd_source_retries_total",
            "Exchanges that were not the first attempt.",
            ["source"],
            registry=self.registry,
        )
        self._requests_left = Gauge(
            "syncd_source_rate_limit_remaining",
            "Requests that a source last said it will still take before it asks for fewer; "
            "none: it says nothing.",
            ["source"],
            registry=self.registry,
        )
        self._requests_limit = Gauge(
            "syncd_source_rate_limit",
            "Of how many requests in all that is left; none: the source does not say.",
            ["source"],
            registry=self.registry,
        )
        self._runs = Counter(
            "syncd_runs_total",
            "Measurements that ended; error_type is empty for those that were published.",
            ["source", "error_type"],
            registry=self.registry,
        )
        self._run_seconds = Histogram(
            "syncd_run_seconds",
            "How long a measurement took, publishing included.",
            ["source"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._cycle_seconds = Histogram(
            "syncd_cycle_seconds",
            "How long a turn of the worker took: claiming, composing and assessing, measurements "
            "not included.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self._clock_offset = Gauge(
            "syncd_clock_offset_seconds",
            "How far the store's clock, by which everything is told, is ahead of this machine's; "
            "0 on SQLite.",
            registry=self.registry,
        )
        self._store_writable = Gauge(
            "syncd_store_writable",
            "1 while the store can be written by this process, else 0: the disk is full, or it is "
            "read-only.",
            registry=self.registry,
        )
        self._store_writable.set(1)
        self._hooks = Counter(
            "syncd_hooks_total",
            "Notices of changes by what became of them; source is empty where none answers to it.",
            ["source", "outcome"],
            registry=self.registry,
        )
        self._deliveries = Counter(
            "syncd_deliveries_total",
            "Attempts to send something, by whom it was for and what became of it.",
            ["target", "outcome"],
            registry=self.registry,
        )
        for target in targets:
            for outcome in DeliveryOutcome:
                self._deliveries.labels(target, outcome.value)
        self._refused = Counter(
            "syncd_requests_refused_total",
            "Requests that were not let in, by why: no_token, bad_token, too_many (bad tokens from "
            "one address), cross_site, not_signed_in; busy and streams: as many as there may be at "
            "once are there, reader_busy and reader_streams: of one reader.",
            ["reason"],
            registry=self.registry,
        )
        for reason in Refusal:
            self._refused.labels(reason.value)
        self._streams = Gauge(
            "syncd_stream_readers",
            "Who follows the stream of the feed at this process.",
            registry=self.registry,
        )
        self._dropped = Counter(
            "syncd_stream_readers_dropped_total",
            "Readers of the stream that took nothing for too long, and were cut off.",
            registry=self.registry,
        )
        for source in sources:
            self._hooks.labels(source, HookOutcome.DUE.value)
            self._hooks.labels(source, HookOutcome.NOT_AUTHENTIC.value)
            self._requests.labels(source, "")
            self._runs.labels(source, "")
            for each in (self._seconds, self._bytes, self._retries, self._run_seconds):
                each.labels(source)

    def exchanged(self, exchange: Exchange) -> None:
        """Counts an exchange (the connectors' `Observer`)."""
        self._requests.labels(exchange.source, exchange.error_type or "").inc()
        self._seconds.labels(exchange.source).observe(exchange.seconds)
        self._bytes.labels(exchange.source).inc(exchange.bytes_received)
        if exchange.attempt > 1:
            self._retries.labels(exchange.source).inc()
        if exchange.budget is not None:
            self._requests_left.labels(exchange.source).set(exchange.budget.left)
            if exchange.budget.limit is not None:
                self._requests_limit.labels(exchange.source).set(exchange.budget.limit)

    def noticed(self, source: str, outcome: HookOutcome) -> None:
        """Counts a notice (intake's `HookObserver`)."""
        self._hooks.labels(source, outcome.value).inc()

    def refused(self, reason: Refusal) -> None:
        """Counts a request that was not let in (the door's)."""
        self._refused.labels(reason.value).inc()

    def following(self, readers: int) -> None:
        """Sets how many follow the stream (the surfaces' `StreamObserver`)."""
        self._streams.set(readers)

    def dropped(self) -> None:
        """Counts a reader of the stream that was too slow (the same)."""
        self._dropped.inc()

    def delivered(self, target: str, outcome: DeliveryOutcome) -> None:
        """Counts an attempt to send (the couriers' `DeliveryObserver`)."""
        self._deliveries.labels(target, outcome.value).inc()

    def clock_is_off(self, seconds: float) -> None:
        """Sets by how much the store's clock is ahead of this machine's."""
        self._clock_offset.set(seconds)

    def store_is_writable(self, told: Callable[[], bool]) -> None:
        """Has it asked at each scrape whether the store can be written."""
        self._store_writable.set_function(lambda: float(told()))

    def turned(self, seconds: float) -> None:
        """Counts a turn of the loop (the worker's `RunObserver`)."""
        self._cycle_seconds.observe(seconds)

    def ran(self, report: RunReport) -> None:
        """Counts a run (the worker's `RunObserver`)."""
        self._runs.labels(report.source, report.error_type or "").inc()
        self._run_seconds.labels(report.source).observe(report.seconds)
