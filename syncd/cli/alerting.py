"""`syncd alerts`: the rules for Prometheus."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from syncd.cli.call import stop

_LINKS = "Where the links lead"


def alerts(
    kubernetes: Annotated[
        bool,
        typer.Option("--kubernetes", help="Print a PrometheusRule instead of a rule file."),
    ] = False,
    page: Annotated[
        str,
        typer.Option(
            help="Where people reach syncd.", envvar="SYNCD_EXTERNAL_URL", rich_help_panel=_LINKS
        ),
    ] = "https://syncd.example.org",
    runbooks: Annotated[
        str,
        typer.Option(
            help="Where the runbooks are; each alert adds the name of its own.",
            rich_help_panel=_LINKS,
        ),
    ] = "https://syncd.example.org/runbooks",
    dashboards: Annotated[
        str, typer.Option(help="Where Grafana is.", rich_help_panel=_LINKS)
    ] = "https://grafana.example.org",
    faster: Annotated[
        float,
        typer.Option(help="So many times shorter windows, to try the alerts on a replay."),
    ] = 1.0,
) -> None:
    """Prints recording and alerting rules for Prometheus: key results that slip, data that grow
    old, sources that do not answer, syncd itself.

    Example: [bold]syncd alerts --page https://okr.example.com > syncd.rules.yaml[/bold]
    """
    from syncd.alerting import SHIPPED, Links, groups, prometheus_rule, rule_file

    try:
        rules = groups(SHIPPED.faster(faster))
    except ValueError as error:
        stop(f"--faster: {error}")
    links = Links(*(address.rstrip("/") for address in (page, runbooks, dashboards)))
    write = prometheus_rule if kubernetes else rule_file
    sys.stdout.write(write(rules, links))
