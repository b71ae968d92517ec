"""The report as one HTML file that needs nothing else: style and pictures stand inside."""

from __future__ import annotations

from typing import Any

import jinja2
from markupsafe import Markup, escape

from syncd.surfaces.links import web_link
from syncd.surfaces.plain import plain
from syncd.surfaces.report.document import Line, Report
from syncd.surfaces.report.pictures import (
    bar_picture,
    course_picture,
    overview_picture,
    spark_picture,
)


def _safe(value: Any) -> Any:
    """Texts without what nobody can see; autoescaping does the rest."""
    return (
        escape(plain(value)) if isinstance(value, str) and not hasattr(value, "__html__") else value
    )


def html(report: Report) -> str:
    """The report as a page, readable on a screen by day and night, and on paper."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("syncd.surfaces", "templates/report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    # drawn here, their texts escaped; so are those below
    environment.globals.update(
        overview=Markup(overview_picture(report.groups)),  # noqa: S704  # nosec B704
        course=None if report.course is None else Markup(course_picture(report.course)),  # noqa: S704  # nosec B704
        bar=_bar,
        link=web_link,
        spark=_line_spark,
    )
    return environment.get_template("report.html").render(report=report)


def _bar(line: Line) -> Markup:
    label = f"{line.done} done, {line.expected} expected"
    return Markup(bar_picture(line.bar, line.sign, label))  # noqa: S704  # nosec B704


def _line_spark(line: Line) -> Markup:
    return Markup(spark_picture(line.spark, line.sign, "the period so far"))  # noqa: S704  # nosec B704
