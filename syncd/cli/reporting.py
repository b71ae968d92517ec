"""`syncd report`: the executive summary as it stands, for people who read documents."""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from syncd.cli.call import err, stop, stored

if TYPE_CHECKING:
    import sqlalchemy as sa

    from syncd.surfaces.asked import Asked
    from syncd.surfaces.report import Report

Form = Literal["md", "html", "pdf"]

ALL = "all"
"""Every period that is open, where no period is called so."""

SUFFIXES: dict[str, Form] = {
    ".md": "md",
    ".markdown": "md",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
}


def report(
    form: Annotated[
        Form | None,
        typer.Option("--format", help="Default: what the name of --output says, else md."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="The file to write; Markdown's pictures go to NAME-charts/ beside it.",
            dir_okay=False,
        ),
    ] = None,
    team: Annotated[str | None, typer.Option(help="One team's part, by its id.")] = None,
    period: Annotated[
        str | None,
        typer.Option(
            help="Of several periods in force which one, or all: one after the other, each with "
            "--output in a file of its own (NAME-PERIOD). Default: the one we are in."
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="As it was told by the end of a day (2026-02-15) or by a moment; default: now."
        ),
    ] = None,
    since: Annotated[
        str,
        typer.Option(help="What changed since: a span (1 w), a day's end, or a moment."),
    ] = "1 w",
) -> None:
    """Writes the executive summary as it stands: what matters first, what changed and why, what
    is at risk because of what, every team's key results, and how far the data can be trusted.
    Made from the store; asks no source.

    Examples: [bold]syncd report --output q1.html[/bold],
    [bold]syncd report --team dcim --since 2026-02-13 --output dcim.pdf[/bold]
    """
    from syncd.store.clock import clock_of
    from syncd.surfaces.asked import asked, zone_in_force
    from syncd.surfaces.report import NoSuchPeriod, NoSuchTeam, build, gather

    chosen = form or _form_of(output)
    with stored() as store, store.read() as connection:
        now = clock_of(store).now()
        try:
            moment = asked(connection, at, now)
        except ValueError as error:
            stop(f"--at: {error}")
        earlier = _since(since, zone_in_force(connection), moment.now(now))
        try:
            made = {
                wanted or "": build(
                    gather(
                        connection,
                        now=moment.now(now),
                        since=earlier,
                        period=wanted,
                        told_by=moment.at,
                    ),
                    team=team,
                )
                for wanted in _periods(connection, period, moment, now)
            }
        except NoSuchPeriod as error:
            known = ", ".join(error.known) or "none: no mapping files are in force"
            stop(f"--period: got {period!r}; expected one of {known}")
        except NoSuchTeam as error:
            known = ", ".join(error.known) or "none: no mapping files are in force"
            stop(f"--team: got {team!r}; expected one of {known}")
    if len(made) > 1 and output is None and chosen != "md":
        stop(f"several reports in {chosen} are no one file; give them one each: --output NAME")
    for name, one in made.items():
        path = output
        if output is not None and len(made) > 1:
            path = output.with_stem(f"{output.stem}-{name.replace('/', '-')}")
        body, beside = _rendered(one, chosen, path)
        _write(body, beside, path)


def _periods(
    connection: sa.Connection, wanted: str | None, moment: Asked, now: datetime
) -> list[str | None]:
    """Which periods to write of, the earliest first; None: the one we are in."""
    from syncd.store.periods import choose
    from syncd.store.told import periods_known

    views = periods_known(connection, moment.at)
    if wanted != ALL or any(one.period.id == ALL for one in views):
        return [wanted]
    return [one.period.id for one in choose(views, None, moment.now(now))] or [None]


def _form_of(output: Path | None) -> Form:
    if output is None:
        return "md"
    found = SUFFIXES.get(output.suffix.lower())
    if found is None:
        stop(f"--output: got {output.name}; expected a name that ends in .md, .html or .pdf")
    return found


def _since(text: str, timezone: str, now: datetime) -> datetime:
    """The moment that changes are counted from: a span before now, a day's end, or a moment."""
    from connectors.quantity import parse_duration
    from syncd.intake.moments import past_moment

    try:
        return now - timedelta(seconds=parse_duration(text))
    except (ValueError, OverflowError):
        pass
    try:
        return past_moment(text, timezone, now)
    except ValueError as error:
        stop(f"--since: {error}, or a span such as 1 w")


def _rendered(made: Report, form: Form, output: Path | None) -> tuple[bytes, dict[str, bytes]]:
    """The report's bytes, and the files beside it by their name."""
    if form == "html":
        from syncd.surfaces.report.html import html

        return html(made).encode(), {}
    if form == "pdf":
        from syncd.surfaces.report.pdf import NoPdf, pdf

        if output is None and sys.stdout.isatty():
            stop("PDF is no text for a terminal; give it a file: --output report.pdf")
        try:
            return pdf(made), {}
        except NoPdf as error:
            stop(str(error))
    from syncd.surfaces.report.markdown import markdown
    from syncd.surfaces.report.pictures import pictures

    if output is None:
        return markdown(made).encode(), {}
    drawn = pictures(made)
    folder = f"{output.stem}-charts"
    text = markdown(made, {name: f"{folder}/{name}.svg" for name in drawn})
    return text.encode(), {f"{folder}/{name}.svg": svg.encode() for name, svg in drawn.items()}


def _write(body: bytes, beside: dict[str, bytes], output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(body)
        return
    try:
        for name, content in beside.items():
            path = output.parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        # a reader, or a web server, never sees half of it
        unfinished = output.with_name(f".{output.name}.{os.getpid()}")
        output.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(body)
        unfinished.replace(output)
    except OSError as error:
        stop(f"--output: cannot write {output}: {error.strerror}")
    pictures = f" and {len(beside)} pictures beside it" if beside else ""
    err.print(f"{output} written{pictures}", markup=False, highlight=False)
