"""`syncd backfill`: the past, rebuilt from what the upstreams keep of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.bar import steps
from syncd.cli.call import FAILED, assembled, err, installation, out, print_json, stop
from syncd.cli.completion import key_results_and_indicators
from syncd.cli.explaining import Format

if TYPE_CHECKING:
    from syncd.backfill import Backfilled
    from syncd.model import Catalogue
    from syncd.process import Assembly


def backfill(
    since: Annotated[str, typer.Option(help="The first day, such as 2026-01-01.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="Indicators, or key results that read them; default: all.",
            autocompletion=key_results_and_indicators,
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(help="The last day; default: until now.")] = None,
    step: Annotated[str, typer.Option(help="The time from one reading to the next.")] = "1 d",
    form: Format = "text",
) -> None:
    """Rebuilds the past from change logs and stored series, as far as the upstreams keep them: a
    reading at each day's end, marked as rebuilt. Cut short, it goes on where it stood; done twice,
    it changes nothing. It may run beside a worker.

    Example: [bold]syncd --config settings.yaml backfill --since 2026-01-01[/bold]
    """
    from connectors.quantity import parse_duration
    from syncd.cli import printing
    from syncd.loading import load_mappings
    from syncd.process import MappingKeeper

    try:
        seconds = parse_duration(step)
    except ValueError as error:
        stop(f"--step: {error}")
    found = installation()
    with assembled(found) as assembly:
        catalogues = MappingKeeper(assembly).refresh()
        if catalogues is None:
            printing.faults(err, load_mappings(found).faults)
            raise typer.Exit(FAILED)
        begins, ends = _span(since, until, catalogues[-1].timezone, assembly.clock.now())
        only = None if not names else _fingerprints(catalogues, names)
        results = _rebuilt(assembly, catalogues, begins, ends, timedelta(seconds=seconds), only)
        assembly.worker.compose_due()
        assembly.worker.assess_due()
    if form == "json":
        print_json([_document(result, catalogues) for result in results])
    else:
        _print(results, catalogues)
    raise typer.Exit(FAILED if any(result.error for result in results) else 0)


def _span(
    since: str, until: str | None, timezone: str, now: datetime
) -> tuple[datetime, datetime | None]:
    from syncd.intake.moments import day_begins, past_moment

    try:
        begins = day_begins(since, timezone)
    except ValueError as error:
        stop(f"--since: {error}")
    if begins >= now:
        stop(f"--since: got {since}, which has not come yet; expected a day of the past")
    if until is None:
        return begins, None
    try:
        ends = past_moment(until, timezone, now)
    except ValueError as error:
        stop(f"--until: {error}")
    if ends <= begins:
        stop(f"--since: got {since}, which is after {until}; expected a day before it")
    return begins, ends


def _fingerprints(catalogues: Sequence[Catalogue], names: Sequence[str]) -> Collection[str]:
    from syncd.wording import did_you_mean

    measured = {key: each for one in catalogues for key, each in one.indicators.items()}
    known = {each.name: key for key, each in measured.items() if each.name}
    for catalogue in catalogues:
        # of two periods that use an id the later one is meant
        for key_result in catalogue.key_results.values():
            known |= dict.fromkeys((key_result.key, key_result.id), key_result.indicator)
    found = []
    for name in names:
        fingerprint = name if name in measured else known.get(name)
        if fingerprint is None:
            hint = did_you_mean(name, known, "`syncd status` lists the key results")
            stop(f"there is no key result or indicator {name!r}{hint}")
        found.append(fingerprint)
    return found


def _rebuilt(
    assembly: Assembly,
    catalogues: Sequence[Catalogue],
    since: datetime,
    until: datetime | None,
    step: timedelta,
    only: Collection[str] | None,
) -> list[Backfilled]:
    from syncd.backfill import backfill as rebuild

    with steps("reading what the sources remember", None) as moved:
        try:
            return rebuild(
                assembly.store,
                assembly.clock,
                assembly.sessions,
                *catalogues,
                since=since,
                until=until,
                step=step,
                only=only,
                progress=lambda one: moved(f"rebuilding {one.indicator}", one.done, one.total),
            )
        except ValueError as error:
            stop(str(error))


def _readers(catalogues: Sequence[Catalogue], fingerprint: str) -> list[str]:
    return [
        its.id
        for catalogue in catalogues
        for its in catalogue.key_results.values()
        if its.indicator == fingerprint
    ]


def _document(result: Backfilled, catalogues: Sequence[Catalogue]) -> dict[str, Any]:
    from syncd.surfaces.documents import moment

    return {
        "indicator": result.name,
        "fingerprint": result.fingerprint,
        "key_results": _readers(catalogues, result.fingerprint),
        "written": result.written,
        "begins_at": moment(result.begins_at),
        "untold": list(result.untold),
        "error": result.error,
    }


def _print(results: Sequence[Backfilled], catalogues: Sequence[Catalogue]) -> None:
    from syncd.wording import last_day

    for result in results:
        plural = "" if result.written == 1 else "s"
        named = any(
            one.indicators[result.fingerprint].name
            for one in catalogues
            if result.fingerprint in one.indicators
        )
        # one without a name is known by what reads it
        readers = "" if named else " of " + ", ".join(_readers(catalogues, result.fingerprint))
        words = f"{result.name}{readers}: {result.written} reading{plural} written"
        if result.begins_at is not None:
            words += f", from {last_day(result.begins_at, catalogues[-1].timezone)} on"
        out.print(words, markup=False, highlight=False, soft_wrap=True)
        told = [*result.untold, *([] if result.error is None else [f"Cut short: {result.error}"])]
        for sentence in told:
            out.print(f"  {sentence}", markup=False, highlight=False, soft_wrap=True)
    if not results:
        out.print("No indicators: the mapping files name none.")
