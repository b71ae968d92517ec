"""The commands. Each reads its settings, calls what does the work, and prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from syncd.cli import (
    accepting,
    adjusting,
    alerting,
    backfilling,
    checking,
    doctor,
    explaining,
    following,
    pathing,
    planning,
    reporting,
    sending,
    telling,
)
from syncd.cli.bar import steps
from syncd.cli.call import (
    FAILED,
    assembled,
    choices,
    err,
    installation,
    out,
    overriding,
    print_json,
    refuse,
    stop,
)
from syncd.cli.externals import external
from syncd.cli.periods import period
from syncd.cli.storing import store
from syncd.cli.tokens import token
from syncd.cores import leave_no_core

if TYPE_CHECKING:
    from syncd.process import Assembly

SENDING_SECONDS = 20.0
"""How long `syncd once` may take to send what is to be told."""

app = typer.Typer(
    name="syncd",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
    help="""Keeps an organisation's OKRs honest.

    syncd measures key results in Jira, NetBox and Prometheus, judges their pace, and tells it as
    metrics, a feed, an API and a page. Try it with nothing of your own:

        syncd demo

    With your own sources in settings.yaml and mapping files in mappings/q1-2026:

        syncd --config settings.yaml check --live

        syncd --config settings.yaml once

        syncd --config settings.yaml run
    """,
)
PEOPLE = "What people say"
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def main() -> None:
    """The entry point of the `syncd` command."""
    leave_no_core()
    app()


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        out.print(version("syncd"), highlight=False)
        raise typer.Exit


@app.callback()
def settings_of_the_call(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="The settings file with the sources.", envvar="SYNCD_CONFIG"),
    ] = None,
    mappings: Annotated[
        Path | None,
        typer.Option(
            help="The folder of mapping files, or of such folders, one for each period.",
            envvar="SYNCD_MAPPINGS",
        ),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            help="sqlite:///PATH or postgresql://...", envvar="SYNCD_DATABASE_URL", show_envvar=True
        ),
    ] = None,
    log_format: Annotated[
        Literal["auto", "console", "json"] | None,
        typer.Option(help="How logs are written.", envvar="SYNCD_LOG_FORMAT"),
    ] = None,
    show_version: Annotated[  # noqa: ARG001  its callback answers
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Options for every command; each is also an environment variable."""
    choices.overrides = overriding(
        context,
        {
            "config": config,
            "mappings": mappings,
            "database_url": database_url,
            "log_format": log_format,
        },
    )


@app.command()
def run(
    listen: Annotated[
        str | None,
        typer.Option(help="HOST:PORT to serve on.", envvar="SYNCD_LISTEN"),
    ] = None,
    reading: Annotated[
        Literal["token", "proxy", "open"] | None,
        typer.Option(
            help="Who may read; must be said where other machines reach --listen.",
            envvar="SYNCD_READING",
        ),
    ] = None,
) -> None:
    """Measures, judges and serves until it is told to stop (SIGTERM or Ctrl-C).

    Example: [bold]syncd --config settings.yaml run --listen 0.0.0.0:9464 --reading token[/bold]
    """
    from syncd.cli import serving
    from syncd.cli.rendering import rendering
    from syncd.heap import give_back_what_is_free, look_for_circles_rarely
    from syncd.settings import SettingsRefused
    from syncd.threads import take_short_turns

    give_back_what_is_free()
    look_for_circles_rarely()
    take_short_turns()
    found = installation(listen=listen, reading=reading)
    try:
        found.settings.check_serving()
    except SettingsRefused as error:
        refuse(error)
    with rendering(found) as begun, assembled(found) as assembly:
        try:
            serving.run(assembly, begun)
        except OSError as error:
            stop(f"cannot serve on {serving.unserved(error, found.settings.listen)}")


@app.command()
def once(as_json: Json = False) -> None:
    """Measures and judges everything that is due, once, sends what is to be told of it, and prints
    the key results.

    Example: [bold]syncd --config settings.yaml once --json | jq '.[] | select(.pace < 0)'[/bold]
    """
    from syncd.cli import printing
    from syncd.loading import load_mappings
    from syncd.outgoing.courier import Courier
    from syncd.process import MappingKeeper
    from syncd.store.read import indicator_views
    from syncd.surfaces.asked import NOW
    from syncd.surfaces.documents import source_list

    found = installation()
    with assembled(found) as assembly:
        targets = found.destinations()
        couriers = Courier(assembly.store, assembly.clock, targets, assembly.instruments)
        if targets:  # none: a look at the numbers, and no reason to give up others' letters
            couriers.register()
        catalogues = MappingKeeper(assembly).refresh()
        if catalogues is None:
            printing.faults(err, load_mappings(found).faults)
            couriers.send_due(SENDING_SECONDS)
            raise typer.Exit(FAILED)
        _cycle(assembly)
        if not couriers.send_due(SENDING_SECONDS):
            err.print("not everything could be sent in time; the next run goes on with it")
        with assembly.store.read() as connection:
            shown = telling.chosen(connection, None, assembly.clock.now(), None)
            telling.print_told(connection, shown, NOW, as_json=as_json)
            # also what was not asked now, because its source is left alone for a while
            failing = any(one.error_type for one in indicator_views(connection))
            if not as_json:
                broken = [one for one in source_list(connection) if not one["up"]]
                printing.sources(err, broken)
    raise typer.Exit(FAILED if failing else 0)


app.command()(telling.status)
app.command()(checking.check)
app.command()(doctor.doctor)
app.command()(explaining.explain)
app.command()(pathing.path)
app.command()(backfilling.backfill)
app.command()(reporting.report)
app.command()(alerting.alerts)
app.command()(planning.plan)
app.command()(following.events)
app.command()(sending.notify)
app.add_typer(sending.outbox, name="outbox")
app.command("set", rich_help_panel=PEOPLE)(explaining.set_number)
app.command(rich_help_panel=PEOPLE)(accepting.accept)
app.command(rich_help_panel=PEOPLE)(adjusting.note)
app.command(rich_help_panel=PEOPLE)(adjusting.pause)
app.command(rich_help_panel=PEOPLE)(adjusting.override)
app.command(rich_help_panel=PEOPLE)(adjusting.withdraw)
app.command(rich_help_panel=PEOPLE)(adjusting.adjustments)
app.add_typer(external, name="external", rich_help_panel=PEOPLE)
app.add_typer(period, name="period")
app.add_typer(store, name="store")
app.add_typer(token, name="token")


@app.command()
def demo(
    listen: Annotated[
        str, typer.Option(help="HOST:PORT of the page; another free port if it is taken.")
    ] = "127.0.0.1:9464",
    minutes: Annotated[
        float,
        typer.Option(
            min=0.05,
            max=240,
            help="How long the quarter takes, or as long as this machine needs for it.",
        ),
    ] = 8.0,
    until: Annotated[
        str | None, typer.Option(help="Stop the replay at this day (YYYY-MM-DD) and go on serving.")
    ] = None,
    keep: Annotated[Path | None, typer.Option(help="Keep the demo's store in this file.")] = None,
) -> None:
    """Replays a quarter of an invented organisation in minutes, with nothing of your own:
    sandbox Jira, NetBox and Prometheus on this machine, the real connectors and worker.

    Example: [bold]syncd demo --until 2026-02-20[/bold]
    """
    from syncd import log
    from syncd.demo import replay
    from syncd.heap import give_back_what_is_free, look_for_circles_rarely

    give_back_what_is_free()
    look_for_circles_rarely()
    log.set_up(form=choices.overrides.get("log_format") or "auto", level="warning")
    try:
        replay.run(out, listen=listen, minutes=minutes, until=until, keep=keep)
    except replay.DemoRefused as error:
        stop(str(error))


@app.command()
def schema() -> None:
    """Prints the JSON Schema of the mapping files, for editors.

    Example: [bold]syncd schema > mappings/schema.json[/bold]
    """
    from syncd.mapping.json_schema import json_schema
    from syncd.registry import measures

    print_json(json_schema(measures()))


# --------------------------------------------------------------------------------------- parts


def _cycle(assembly: Assembly) -> None:
    with steps("measuring", assembly.worker.due_now()) as moved:
        assembly.worker.cycle(lambda report: moved(f"measured {report.source}"))
