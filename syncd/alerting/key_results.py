"""What is recorded and alerted of key results.

Every replica tells the same, so all is ``max by (kr, ...)``. A key result whose data are stale or
missing never begins to fire as slipping; one that fires already goes on until its data say that it
recovered, and its description says that they are old. What began to fire by a window goes on until
the status changes: a gap in the data must not empty the window and end it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from syncd.alerting.rule import Alert, Group, Recording, Severity
from syncd.alerting.windows import Windows, promql

BY = "kr, objective, team"

_RECORDED = (
    "progress_ratio",
    "expected_ratio",
    "pace_ratio",
    "forecast_chance_ratio",
    "guard_breached",
    "overridden",
    "next_checkpoint_timestamp_seconds",
    "next_checkpoint_ratio",
    "last_reading_timestamp_seconds",
)
CLOCK = "scalar(max(syncd_clock_timestamp_seconds))"
_DASHBOARD = "/d/syncd-key-result?var-kr={{ $labels.kr | urlquery }}"
_PAGE = "/kr/{{ $labels.kr }}"
_TITLE = (
    "{{ range query (printf \"topk(1, max by (title) (syncd_kr_info{kr='%s'}))\" $labels.kr) }}"
    "{{ .Labels.title }}{{ end }}"
)
_OWNER = (
    "{{ range query (printf \"topk(1, max by (owner) (syncd_kr_info{kr='%s'}))\" $labels.kr) }}"
    "{{ if .Labels.owner }} Owner: {{ .Labels.owner }}.{{ end }}{{ end }}"
)
_OLD = (
    "{{ range query (printf \"kr:syncd_kr_unknown:max{kr='%s'} == 1\" $labels.kr) }}"
    " Its data are old or missing since: this is the last that was known.{{ end }}"
)


def recordings() -> Iterator[Recording]:
    """What the alerts and the dashboards ask for again and again."""
    yield Recording("kr:syncd_kr_status:max", f"max by ({BY}, status) (syncd_kr_status)")
    yield Recording(
        "kr:syncd_kr_unknown:max",
        f'max by ({BY}) (syncd_kr_status{{status=~"stale|no_data"}})',
    )
    for name in _RECORDED:
        yield Recording(f"kr:syncd_kr_{name}:max", f"max by ({BY}) (syncd_kr_{name})")


def key_results(of: Windows) -> Group:
    """The rules of key results."""
    return Group(
        "syncd-key-results",
        (
            *recordings(),
            *_slips(
                "SyncdKeyResultFell",
                f"{_is('off_track')} and ({_fall(of)})",
                lasts="off_track",
                wait=of.fall_for,
                summary="fell behind suddenly",
                description=f"{_standing()} A sudden fall: its pace was better by "
                f"{of.fall_ratio:.0%} or more within the last {promql(of.fall_within)}.",
            ),
            *_slips(
                "SyncdKeyResultOffTrack",
                f"{_is('off_track')} and ({_mostly('off_track', of.slow_long, of.slow_share)})"
                f" and ({_mostly('off_track', of.slow_short, of.slow_share)})",
                lasts="off_track",
                wait=of.slow_for,
                summary="is off track",
                description=f"{_standing()} It has been off track for most of the last "
                f"{promql(of.slow_long)}.",
            ),
            *_slips(
                "SyncdGuardBreached",
                "kr:syncd_kr_guard_breached:max == 1",
                wait=of.guard_for,
                summary="left the bounds it guards",
                description="A guard that was breached cannot be achieved any more in this "
                "period.{{ with printf \"max(syncd_kr_value{kr='%s'})\" $labels.kr | query }} "
                "Its value is {{ . | first | value | humanize }}.{{ end }}",
            ),
            _alert(
                "SyncdKeyResultAtRisk",
                f"{_is('at_risk')} and ({_mostly('at_risk', of.risk_within, of.risk_share)})",
                lasts="at_risk",
                wait=of.risk_for,
                summary="has been at risk for long",
                description=f"{_standing()} It has been at risk for most of the last "
                f"{promql(of.risk_within)}.",
            ),
            _alert(
                "SyncdCheckpointAboutToBeMissed",
                _checkpoint(of.checkpoint_within),
                wait=of.checkpoint_for,
                summary="is about to miss a checkpoint",
                description="{{ with printf \"kr:syncd_kr_progress_ratio:max{kr='%s'}\" "
                "$labels.kr | query }}It is at {{ . | first | value | humanizePercentage }} and "
                "{{ end }}{{ with printf \"kr:syncd_kr_next_checkpoint_ratio:max{kr='%s'}\" "
                "$labels.kr | query }}{{ . | first | value | humanizePercentage }} of the way is "
                'asked for{{ end }}{{ with printf "kr:syncd_kr_next_checkpoint_timestamp_seconds:'
                "max{kr='%s'} - scalar(max(syncd_clock_timestamp_seconds))\" $labels.kr | query }}"
                " in {{ . | first | value | humanizeDuration }}{{ end }}.",
            ),
            _alert(
                "SyncdForecastWillNotLand",
                f"kr:syncd_kr_forecast_chance_ratio:max < {of.forecast_chance:g} and "
                f"on ({BY}) ({_is('on_track|at_risk', matches=True)})",
                wait=of.forecast_for,
                summary="will probably not land",
                description="{{ with printf \"kr:syncd_kr_forecast_chance_ratio:max{kr='%s'}\" "
                "$labels.kr | query }}If it goes on as it did, the chance of reaching its goal by "
                "the due date is {{ . | first | value | humanizePercentage }}.{{ end }}",
            ),
            _stale(of),
        ),
    )


def _is(status: str, *, matches: bool = False) -> str:
    how = "=~" if matches else "="
    return f'max by ({BY}) (kr:syncd_kr_status:max{{status{how}"{status}"}}) == 1'


def _mostly(status: str, window: timedelta, share: float) -> str:
    series = f'kr:syncd_kr_status:max{{status="{status}"}}[{promql(window)}]'
    return f"max by ({BY}) (avg_over_time({series})) >= {share:g}"


def _fall(of: Windows) -> str:
    best = f"max_over_time(kr:syncd_kr_pace_ratio:max[{promql(of.fall_within)}])"
    return f"{best} - kr:syncd_kr_pace_ratio:max >= {of.fall_ratio:g}"


def _checkpoint(within: timedelta) -> str:
    left = f"kr:syncd_kr_next_checkpoint_timestamp_seconds:max - {CLOCK}"
    behind = f"kr:syncd_kr_progress_ratio:max < on ({BY}) kr:syncd_kr_next_checkpoint_ratio:max"
    known = f"on ({BY}) (kr:syncd_kr_unknown:max == 0)"
    return f"({left} <= {within.total_seconds():g}) and on ({BY}) ({behind}) and {known}"


def _standing() -> str:
    return (
        "{{ with printf \"kr:syncd_kr_progress_ratio:max{kr='%s'}\" $labels.kr | query }}"
        "It is at {{ . | first | value | humanizePercentage }}{{ end }}"
        "{{ with printf \"kr:syncd_kr_expected_ratio:max{kr='%s'}\" $labels.kr | query }}"
        " of the way where {{ . | first | value | humanizePercentage }} was expected{{ end }}."
    )


def _slips(name: str, expr: str, **more: Any) -> list[Alert]:
    """A ticket for its team, or a page where its author wants one."""
    pages = f"on ({BY}) (max by ({BY}) (syncd_kr_page) == 1)"
    return [
        _alert(name, f"({expr}) and {pages}", Severity.PAGE, **more),
        _alert(name, f"({expr}) unless {pages}", Severity.TICKET, **more),
    ]


def _alert(
    name: str,
    expr: str,
    severity: Severity = Severity.TICKET,
    *,
    wait: timedelta,
    summary: str,
    description: str,
    lasts: str | None = None,
) -> Alert:
    """`lasts`: once it fires it goes on while this status holds; None: while `expr` does. It always
    goes on while nobody knows.
    """
    return Alert(
        name,
        f"{expr} or {_fires_already(name, severity, lasts)}",
        severity,
        f"{_TITLE} {summary} ({{{{ $labels.kr }}}})",
        f"{description}{_OLD}{_OWNER}",
        runbook=_page_of(name),
        page=_PAGE,
        dashboard=_DASHBOARD,
        wait=wait,
    )


def _fires_already(name: str, severity: Severity, lasts: str | None) -> str:
    """It fires and may not end yet. Prometheus keeps what fires in a series of its own."""
    going_on = _is("|".join((*([lasts] if lasts else []), "stale", "no_data")), matches=True)
    firing = f'ALERTS{{alertname="{name}", alertstate="firing", severity="{severity}"}}'
    return f"({going_on} and on ({BY}) max by ({BY}) ({firing}))"


def _stale(of: Windows) -> Alert:
    """One for each source of it that is down, so that the source's own alert can silence it; one
    without a source where all are up.
    """
    stale = _is("stale")
    down = (
        "max by (kr, source) (syncd_kr_source) and on (source) "
        "(min by (source) (syncd_source_up) == 0)"
    )
    with_source = f"({down}) * on (kr) group_left (objective, team) ({stale})"
    return Alert(
        "SyncdKeyResultStale",
        f"{with_source} or (({stale}) unless on (kr) ({down}))",
        Severity.TICKET,
        f"{_TITLE} has no fresh data ({{{{ $labels.kr }}}})",
        "Its data are older than they may be, so nobody knows how it stands: it is neither on nor "
        "off track.{{ with printf \"kr:syncd_kr_last_reading_timestamp_seconds:max{kr='%s'}\" "
        "$labels.kr | query }} The last reading was {{ . | first | value | toTime }}.{{ end }}"
        "{{ if $labels.source }} Its source {{ $labels.source }} does not answer.{{ end }}"
        f"{_OWNER}",
        runbook=_page_of("SyncdKeyResultStale"),
        page=_PAGE,
        dashboard=_DASHBOARD,
        wait=of.stale_for,
    )


def _page_of(name: str) -> str:
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.removeprefix("-syncd-")
