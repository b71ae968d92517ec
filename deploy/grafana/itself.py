"""*syncd itself*: sources, budgets, latency, the worker, the outbox, errors."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard, timeseries

from deploy.grafana.parts import BYTES, CLOCK, ITSELF, SECONDS, Steps, board, choice, lines, number

_SOURCE = 'source=~"$source"'
_RATE = "[$__rate_interval]"
_DOWN: Steps = ((None, "red"), (1, "green"))
_SOME: Steps = ((None, "green"), (1, "red"))


def itself() -> dashboard.Dashboard:
    """The dashboard."""
    built = board(ITSELF, "syncd itself", "Whether syncd measures, tells and keeps up.")
    sources = "label_values(syncd_source_up, source)"
    built = built.with_variable(choice("source", "Source", sources, several=True))
    for title, expr, unit, steps in (
        ("Sources that answer", f"sum({_of('syncd_source_up', 'min')})", "none", ()),
        ("Mapping accepted", "min(syncd_mapping_accepted)", "bool_yes_no", _DOWN),
        ("Longest due and not read", "max(syncd_late_seconds)", SECONDS, ()),
        (
            "Dead letters",
            "sum(max by (target) (syncd_outbox_dead_letters)) or vector(0)",
            "none",
            _SOME,
        ),
        ("Store", "max(syncd_store_size_bytes)", BYTES, ()),
        ("Replicas", "count(syncd_build_info)", "none", ()),
    ):
        built = built.with_panel(number(title, expr, unit, steps).span(4).height(4))
    for panel in (*_upstream(), *_working(), *_process()):
        built = built.with_panel(panel)
    return built


def _upstream() -> list[timeseries.Panel]:
    age = f"{CLOCK} - {_of('syncd_source_last_success_timestamp_seconds')}"
    failing = _rate("syncd_source_requests_total", 'error_type!=""', by="source, error_type")
    # Where nothing fails there is a line at zero, and no empty panel.
    none = f"0 * {_rate('syncd_source_requests_total')}"
    # A source that says nothing of a limit is listed, without a value.
    unsaid = f"NaN * {_of('syncd_source_up')}"
    return [
        lines("Age of the last good read", [(age, "{{source}}")], SECONDS),
        lines("Scopes that fail", [(_of("syncd_source_failing_scopes"), "{{source}}")], "none"),
        lines("Requests", [(_rate("syncd_source_requests_total"), "{{source}}")], "reqps"),
        lines(
            "Requests that fail",
            [(f"{failing} or {none}", "{{source}} {{error_type}}")],
            "reqps",
        ),
        lines("Seconds of a request", _quantiles("syncd_source_request_seconds"), SECONDS),
        lines("Received", [(_rate("syncd_source_received_bytes_total"), "{{source}}")], "Bps"),
        lines(
            "Left of the limit of requests, where a source says it",
            [(f"{_of('syncd_source_rate_limit_remaining', 'min')} or {unsaid}", "{{source}}")],
            "none",
        ),
        lines("Retries", [(_rate("syncd_source_retries_total"), "{{source}}")], "reqps"),
    ]


def _working() -> list[timeseries.Panel]:
    ended = _rate("syncd_runs_total", by="error_type")
    return [
        lines("Seconds of a measurement", _quantiles("syncd_run_seconds"), SECONDS),
        lines("Measurements, by how they ended", [(ended, "{{error_type}}")], "ops"),
        lines(
            "Backlog",
            [("max(syncd_due_scopes)", "due"), ("max(syncd_late_seconds)", "seconds late")],
            "none",
        ),
        lines("Events told", [(f"max(rate(syncd_events_total{_RATE}))", "events")], "ops"),
        lines(
            "Letters that wait",
            [("max by (target) (syncd_outbox_depth) or vector(0)", "{{target}}")],
            "none",
        ),
    ]


def _process() -> list[timeseries.Panel]:
    of_syncd = "and on (instance) syncd_build_info"
    processor = f"rate(process_cpu_seconds_total{_RATE}) {of_syncd}"
    memory = f"process_resident_memory_bytes {of_syncd}"
    return [
        lines("Memory", [(memory, "{{instance}}")], BYTES),
        lines("Processor, in cores", [(processor, "{{instance}}")], "none"),
    ]


def _of(metric: str, how: str = "max") -> str:
    """What every replica tells the same of each source."""
    return f"{how} by (source) ({metric}{{{_SOURCE}}})"


def _rate(metric: str, *matchers: str, by: str = "source") -> str:
    """What the processes counted, together."""
    return f"sum by ({by}) (rate({metric}{{{', '.join((_SOURCE, *matchers))}}}{_RATE}))"


def _quantiles(histogram: str) -> list[tuple[str, str]]:
    """The middle one, and the slowest of a hundred."""
    buckets = _rate(f"{histogram}_bucket", by="source, le")
    return [
        (f"histogram_quantile({share:g}, {buckets})", f"{{{{source}}}} p{share * 100:g}")
        for share in (0.5, 0.99)
    ]
