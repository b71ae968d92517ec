"""*OKR overview*: for leads. Every key result with its status, and what slips next."""

from __future__ import annotations

from grafana_foundation_sdk.builders import common, dashboard, stat, table, timeseries
from grafana_foundation_sdk.models.common import StackingMode
from grafana_foundation_sdk.models.dashboard import FieldColorModeId

from deploy.grafana.parts import (
    BY,
    CLOCK,
    DAYS,
    KEY_RESULT,
    OVERVIEW,
    PERCENT,
    SYNCD,
    board,
    choice,
    column,
    held_status,
    lines,
    link,
    number,
    rows,
    statuses,
)
from syncd.model import Status
from syncd.surfaces.palette import COLOURS

_CHOSEN = 'team=~"$team", objective=~"$objective"'
_TEXTS = f"max by ({BY}, title, owner, link) (syncd_kr_info{{{_CHOSEN}}})"
_LABELS = {
    "kr": "Key result",
    "title": "Title",
    "team": "Team",
    "objective": "Objective",
    "owner": "Owner",
    "link": "Upstream",
}
_ID = "${__data.fields.Key result}"
_DETAIL = link("Details", f"/d/{KEY_RESULT}?var-kr={_ID}&${{__url_time_range}}")
_OPEN = link("Open in syncd", f"{SYNCD}/kr/{_ID}", blank=True)


def overview() -> dashboard.Dashboard:
    """The dashboard."""
    built = (
        board(OVERVIEW, "OKR overview", "Where every key result stands, and what slips next.")
        .with_variable(choice("team", "Team", "label_values(syncd_kr_status, team)", several=True))
        .with_variable(
            choice(
                "objective",
                "Objective",
                'label_values(syncd_kr_status{team=~"$team"}, objective)',
                several=True,
            )
        )
    )
    for panel in (
        number("Progress", "max(syncd_organisation_progress_ratio)", PERCENT).span(4).height(4),
        number("Expected by now", "max(syncd_organisation_expected_ratio)", PERCENT)
        .span(4)
        .height(4),
        number("Not known", "max(syncd_organisation_unknown_ratio)", PERCENT).span(4).height(4),
        _counted("Off track or missed", "off_track|missed", Status.OFF_TRACK).span(4).height(4),
        _counted("At risk", "at_risk", Status.AT_RISK).span(4).height(4),
        _counted("Stale or no data", "stale|no_data", Status.STALE).span(4).height(4),
        _key_results().span(24).height(18),
        _next().span(12).height(10),
        _over_time().span(12).height(10),
        lines(
            "Teams: progress less what was expected by now",
            [(f"{_of_team('progress')} - {_of_team('expected')}", "{{team}}")],
            PERCENT,
        )
        .span(24)
        .height(9),
    ):
        built = built.with_panel(panel)
    return built


def _of_team(ratio: str) -> str:
    return f'max by (team) (syncd_team_{ratio}_ratio{{team=~"$team"}})'


def _counted(title: str, which: str, colour: Status) -> stat.Panel:
    counted = f'sum(max by ({BY}, status) (kr:syncd_kr_status:max{{status=~"{which}", {_CHOSEN}}}))'
    return number(title, counted, "none", [(None, "text"), (1, COLOURS[colour])])


def _key_results() -> table.Panel:
    panel = rows(
        "Key results",
        {
            "Status": held_status(_CHOSEN),
            "Progress": f"kr:syncd_kr_progress_ratio:max{{{_CHOSEN}}}",
            "Expected": f"kr:syncd_kr_expected_ratio:max{{{_CHOSEN}}}",
            "Pace": f"kr:syncd_kr_pace_ratio:max{{{_CHOSEN}}}",
            "Chance to land": f"kr:syncd_kr_forecast_chance_ratio:max{{{_CHOSEN}}}",
            "Due in": f"(max by ({BY}) (syncd_kr_due_timestamp_seconds{{{_CHOSEN}}}) - {CLOCK})"
            " / 86400",
            "Data from": f"kr:syncd_kr_last_reading_timestamp_seconds:max{{{_CHOSEN}}} * 1000",
        },
        texts=_TEXTS,
        order=_LABELS,
    )
    for matcher, properties in (
        column(
            "Status",
            mappings=[statuses()],
            custom__cellOptions={"type": "color-text"},
        ),
        *(column(name, unit=PERCENT, decimals=0) for name in ("Progress", "Expected", "Pace")),
        column("Progress", unit=PERCENT, decimals=0, min=0, max=1,
               custom__cellOptions={"type": "gauge", "mode": "basic"}),
        column("Chance to land", unit=PERCENT, decimals=0),
        column("Due in", unit=DAYS, decimals=0),
        column("Data from", unit="dateTimeFromNow"),
        column("Key result", links=[_DETAIL, _OPEN]),
        column(
            "Upstream",
            links=[link("Open in the upstream", "${__value.raw}", blank=True)],
        ),
    ):  # fmt: skip
        panel = panel.with_override(matcher, properties)
    return panel


def _next() -> table.Panel:
    open_ones = f'max by ({BY}) (kr:syncd_kr_status:max{{status=~"on_track|at_risk"}}) == 1'
    panel = rows(
        "What slips next: not off track yet, and least likely to land",
        {
            "Chance to land": "bottomk(10, kr:syncd_kr_forecast_chance_ratio:max"
            f"{{{_CHOSEN}}} and on ({BY}) ({open_ones}))"
        },
        texts=_TEXTS,
        order=_LABELS,
    )
    for matcher, properties in (
        column("Chance to land", unit=PERCENT, decimals=0),
        column("Key result", links=[_DETAIL, _OPEN]),
    ):
        panel = panel.with_override(matcher, properties)
    return panel


def _over_time() -> timeseries.Panel:
    panel = lines(
        "Key results by status",
        [(f"count by (status) (kr:syncd_kr_status:max{{{_CHOSEN}}} == 1)", "{{status}}")],
        "none",
    )
    panel = (
        panel.fill_opacity(60)
        .line_width(0)
        .stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    )
    for status in Status:
        fixed = {"mode": FieldColorModeId.FIXED.value, "fixedColor": COLOURS[status]}
        panel = panel.override_by_name(status.value, column(status.value, color=fixed)[1])
    return panel
