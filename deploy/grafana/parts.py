"""What the dashboards have in common: the data source, queries, the colours of statuses, links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DataTransformerConfig,
    DynamicConfigValue,
    FieldColorModeId,
    MatcherConfig,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from syncd.alerting import key_results as alerting
from syncd.model import Status
from syncd.surfaces.palette import COLOURS

SYNCD = "https://syncd.example.org"
"""Where syncd is reached; whoever installs the dashboards puts another address in its place."""

BY = alerting.BY
CLOCK = alerting.CLOCK
SOURCE = DataSourceRef("prometheus", "${datasource}")
PERCENT, SECONDS, DAYS, MOMENT, BYTES = "percentunit", "s", "d", "dateTimeAsIso", "bytes"

STATUS_NUMBERS: Mapping[Status, int] = {status: number for number, status in enumerate(Status, 1)}
"""A table's cell shows one number: the place of the status that holds."""

OVERVIEW, KEY_RESULT, ITSELF = "syncd-overview", "syncd-key-result", "syncd-itself"

Steps = Sequence[tuple[float | None, str]]
"""From which value on there is which colour; None: from the least on."""


def held_status(matching: str) -> str:
    """The number of the status that holds, of each key result that matches."""
    parts = (
        f'{number} * (kr:syncd_kr_status:max{{status="{status}", {matching}}} == 1)'
        for status, number in STATUS_NUMBERS.items()
    )
    return " or ".join(f"max by (kr, objective, team) ({part})" for part in parts)


def statuses() -> ValueMap:
    """Each number as the word and the colour that the status has everywhere."""
    return ValueMap(
        {
            str(number): ValueMappingResult(
                text=status.value.replace("_", " "), color=COLOURS[status], index=number
            )
            for status, number in STATUS_NUMBERS.items()
        }
    )


def board(uid: str, title: str, description: str) -> dashboard.Dashboard:
    """An empty dashboard with what all of them have: the data source to choose, and the way to the
    others and to syncd itself.
    """
    built = (
        dashboard.Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["syncd"])
        .refresh("1m")
        .time("now-30d", "now")
        .readonly()
        .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus"))
        .link(
            dashboard.DashboardLink("syncd")
            .type(DashboardLinkType.DASHBOARDS)
            .tags(["syncd"])
            .keep_time(True)
        )
    )
    return built.link(
        dashboard.DashboardLink("Open syncd")
        .type(DashboardLinkType.LINK)
        .url(SYNCD)
        .icon("external link")
        .target_blank(True)
    )


def choice(name: str, label: str, query: str, *, several: bool) -> dashboard.QueryVariable:
    """A variable that lists values of a label; `several`: any number of them, all at first."""
    variable = (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
    if several:
        return variable.multi(True).include_all(True).all_value(".*")
    return variable


def now(expr: str, name: str = "A", legend: str = "__auto") -> prometheus.Dataquery:
    """The value of this moment, as a table."""
    query = prometheus.Dataquery().expr(expr).ref_id(name).legend_format(legend)
    return query.instant().format(PromQueryFormat.TABLE)


def over_time(expr: str, legend: str, name: str) -> prometheus.Dataquery:
    """The values of the chosen time."""
    query = prometheus.Dataquery().expr(expr).ref_id(name).legend_format(legend)
    return query.range().format(PromQueryFormat.TIME_SERIES)


def lines(title: str, queries: Sequence[tuple[str, str]], unit: str) -> timeseries.Panel:
    """A curve for each (query, legend). What is not known is a gap and is not drawn through."""
    panel = (
        timeseries.Panel()
        .title(title)
        .datasource(SOURCE)
        .unit(unit)
        .span_nulls(False)
        .show_points(VisibilityMode.AUTO)
        .line_width(2)
        .fill_opacity(0)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    )
    for place, (expr, legend) in enumerate(queries):
        panel = panel.with_target(over_time(expr, legend, chr(ord("A") + place)))
    return panel


def number(title: str, expr: str, unit: str, steps: Steps = ()) -> stat.Panel:
    """One large number, in the colour that `steps` give it."""
    panel = (
        stat.Panel()
        .title(title)
        .datasource(SOURCE)
        .unit(unit)
        .no_value("not known")
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(now(expr))
    )
    chosen = [Threshold(value, colour) for value, colour in steps]
    if not chosen:
        return panel.color_scheme(
            dashboard.FieldColor().mode(FieldColorModeId.FIXED).fixed_color("text")
        )
    return panel.thresholds(
        dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(chosen)
    )


def rows(
    title: str, columns: Mapping[str, str], *, texts: str, order: Mapping[str, str]
) -> table.Panel:
    """A table with a column for each query by the column's name, and with the labels of `texts`, a
    query of an info metric. What has the same `kr` is one row. `order`: the labels to show, in
    their order, and what they are called.
    """
    panel = table.Panel().title(title).datasource(SOURCE).no_value("")
    named: dict[str, str] = {}
    for place, (name, expr) in enumerate(columns.items()):
        reference = chr(ord("A") + place)
        panel = panel.with_target(now(expr, reference))
        named[f"Value #{reference}"] = name
    last = chr(ord("A") + len(columns))
    shown = [*order, *named]
    return (
        panel.with_target(now(texts, last))
        .with_transformation(DataTransformerConfig(id_val="merge", options={}))
        .with_transformation(
            DataTransformerConfig(
                id_val="organize",
                options={
                    "excludeByName": {"Time": True, f"Value #{last}": True},
                    "indexByName": {field: place for place, field in enumerate(shown)},
                    "renameByName": {**order, **named},
                },
            )
        )
    )


def column(name: str, **properties: object) -> tuple[MatcherConfig, list[DynamicConfigValue]]:
    """How a column of a table is shown. Names of properties have `__` where Grafana has a dot."""
    return (
        MatcherConfig("byName", name),
        [DynamicConfigValue(key.replace("__", "."), value) for key, value in properties.items()],
    )


def link(title: str, url: str, *, blank: bool = False) -> dict[str, object]:
    """A link from a cell."""
    return {"title": title, "url": url, "targetBlank": blank}
