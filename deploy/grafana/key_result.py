"""*KR detail*: one key result over time, against what was expected of it."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard, statetimeline, table, timeseries
from grafana_foundation_sdk.models.common import VisibilityMode

from deploy.grafana.parts import (
    BY,
    CLOCK,
    DAYS,
    KEY_RESULT,
    PERCENT,
    SECONDS,
    SOURCE,
    SYNCD,
    board,
    choice,
    column,
    held_status,
    lines,
    link,
    number,
    over_time,
    rows,
    statuses,
)

_THIS = 'kr="$kr"'


def key_result() -> dashboard.Dashboard:
    """The dashboard."""
    built = (
        board(KEY_RESULT, "KR detail", "One key result: its curve, its forecast, its data's age.")
        .with_variable(choice("team", "Team", "label_values(syncd_kr_status, team)", several=True))
        .with_variable(
            choice(
                "kr",
                "Key result",
                'label_values(syncd_kr_status{team=~"$team"}, kr)',
                several=False,
            )
        )
        .annotation(_mark("Status", f"kr:syncd_kr_status:max{{{_THIS}}}", "purple"))
        .annotation(_mark("Override", f"kr:syncd_kr_overridden:max{{{_THIS}}}", "orange"))
        .link(
            dashboard.DashboardLink("This key result in syncd")
            .url(f"{SYNCD}/kr/$kr")
            .target_blank(True)
        )
    )
    for panel in (
        number("Status", held_status(_THIS), "none").mappings([statuses()]).span(4).height(4),
        number("Progress", f"kr:syncd_kr_progress_ratio:max{{{_THIS}}}", PERCENT).span(4).height(4),
        number("Expected by now", f"kr:syncd_kr_expected_ratio:max{{{_THIS}}}", PERCENT)
        .span(4)
        .height(4),
        number("Chance to land", f"kr:syncd_kr_forecast_chance_ratio:max{{{_THIS}}}", PERCENT)
        .span(4)
        .height(4),
        number(
            "Due in",
            f"(max by ({BY}) (syncd_kr_due_timestamp_seconds{{{_THIS}}}) - {CLOCK}) / 86400",
            DAYS,
        )
        .span(4)
        .height(4),
        number("Age of its data", _age(), SECONDS).span(4).height(4),
        _curve().span(24).height(11),
        _forecast().span(24).height(11),
        _states().span(24).height(5),
        lines("Age of its data", [(_age(), "age")], SECONDS).span(12).height(8),
        lines(
            "What it waits for, and what people said of it (1: yes)",
            [
                (f"max(syncd_kr_{name}{{{_THIS}}})", name)
                for name in ("dragged", "overridden", "paused", "guard_breached")
            ],
            "none",
        )
        .span(12)
        .height(8),
        _texts().span(24).height(5),
    ):
        built = built.with_panel(panel)
    return built


def _age() -> str:
    return f"{CLOCK} - max(kr:syncd_kr_last_reading_timestamp_seconds:max{{{_THIS}}})"


def _mark(name: str, series: str, colour: str) -> dashboard.AnnotationQuery:
    """A mark where a series begins to be 1."""
    began = f"({series} == 1) unless ({series} offset $__interval == 1)"
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .expr(began)
        .enable(True)
        .icon_color(colour)
    )


def _curve() -> timeseries.Panel:
    panel = lines(
        "Progress against what was expected",
        [
            (f"kr:syncd_kr_progress_ratio:max{{{_THIS}}}", "progress"),
            (f"kr:syncd_kr_expected_ratio:max{{{_THIS}}}", "expected"),
        ],
        PERCENT,
    )
    return panel.override_by_name(
        "expected", column("", custom__lineStyle={"fill": "dash", "dash": [8, 8]})[1]
    )


def _forecast() -> timeseries.Panel:
    """The band is what it is at the due date in eight of ten cases."""
    panel = lines(
        "Value, and where it lands at the due date",
        [
            (f"max(syncd_kr_value{{{_THIS}}})", "value"),
            (f"max(syncd_kr_target_value{{{_THIS}}})", "target"),
            (f"max(syncd_kr_forecast_value{{{_THIS}}})", "forecast"),
            (f"max(syncd_kr_forecast_high_value{{{_THIS}}})", "at the most"),
            (f"max(syncd_kr_forecast_low_value{{{_THIS}}})", "at the least"),
        ],
        "short",
    )
    band = column(
        "", custom__fillBelowTo="at the least", custom__fillOpacity=15, custom__lineWidth=0
    )
    edge = column("", custom__lineWidth=0)
    dashes = column("", custom__lineStyle={"fill": "dash", "dash": [2, 6]})
    for name, (_, properties) in (
        ("at the most", band),
        ("at the least", edge),
        ("target", dashes),
    ):
        panel = panel.override_by_name(name, properties)
    return panel


def _states() -> statetimeline.Panel:
    return (
        statetimeline.Panel()
        .title("Status")
        .datasource(SOURCE)
        .mappings([statuses()])
        .show_value(VisibilityMode.AUTO)
        .merge_values(True)
        .with_target(over_time(held_status(_THIS), "{{kr}}", "A"))
    )


def _texts() -> table.Panel:
    panel = rows(
        "What it is",
        {"Target": f"max by ({BY}) (syncd_kr_target_value{{{_THIS}}})"},
        texts=f"max by ({BY}, title, owner, objective_title, unit, indicator, link) "
        f"(syncd_kr_info{{{_THIS}}})",
        order={
            "kr": "Key result",
            "title": "Title",
            "owner": "Owner",
            "objective_title": "Objective",
            "indicator": "Indicator",
            "unit": "Unit",
            "link": "Upstream",
        },
    )
    opened = [link("Open in the upstream", "${__value.raw}", blank=True)]
    return panel.with_override(*column("Upstream", links=opened))
