"""`syncd plan`: what edited mapping files would change, before they are applied."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.call import (
    FAILED,
    REFUSED,
    err,
    installation,
    out,
    print_json,
    refuse,
    stop,
    with_shipped_kinds,
)

if TYPE_CHECKING:
    from connectors.base import Session
    from syncd.settings import Installation
    from syncd.store.engine import Store

CHANGES = 2


def plan(
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Ask no source: new numbers stay unknown."),
    ] = False,
    exit_code: Annotated[
        bool,
        typer.Option(
            "--exit-code", help="Exit with 0: no changes, 2: changes, 1: faults or an error."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Shows what the mapping files in --mappings would change in the store that is running: which
    key results and indicators come, go or change, how each number and status would move, and the
    requests it would cost. New indicators are measured once, apart; nothing is applied.

    Exits with 1 where the files have faults or a new number cannot be measured, else with 0; see
    --exit-code for pipelines.

    Examples: [bold]syncd --config settings.yaml --mappings edited plan[/bold],
    [bold]syncd --mappings edited plan --offline --json | jq '.movements[].key'[/bold]
    """
    try:
        changes = _plan(offline=offline, as_json=as_json)
    except typer.Exit as error:
        # whoever asks for 2 to mean changes must not be told so by a refused setting
        raise typer.Exit(FAILED if error.exit_code == REFUSED else error.exit_code) from error
    raise typer.Exit(CHANGES if changes and exit_code else 0)


def _plan(*, offline: bool, as_json: bool) -> bool:
    from syncd import log
    from syncd.cli import plan_printing, printing
    from syncd.clock import SystemClock
    from syncd.loading import load_mappings
    from syncd.plan import make_plan, plan_document
    from syncd.process import worker_settings
    from syncd.store.clock import clock_of

    found = installation()
    if not found.sources and not offline:
        stop(
            "no sources to measure new numbers in; name the settings file with --config, or leave "
            "them unknown with --offline"
        )
    log.set_up(form=found.settings.log_format, level="warning", secrets=found.secret_values())
    loaded = load_mappings(with_shipped_kinds(found))
    if not loaded.catalogues:
        if as_json:
            print_json({"faults": [vars(fault) for fault in loaded.faults]})
        else:
            printing.faults(err, loaded.faults)
        raise typer.Exit(FAILED)
    with _opened(found) as store, _sessions(found, offline=offline) as sessions:
        clock = SystemClock() if store is None else clock_of(store)
        made = make_plan(
            store,
            loaded.catalogues,
            sessions,
            interval_of=found.every.seconds,
            settings=worker_settings(found.settings),
            now=clock.now(),
        )
    if as_json:
        print_json(plan_document(made))
    else:
        plan_printing.plan(out, made)
    if made.unread and not offline:
        raise typer.Exit(FAILED)
    return made.changes


@contextmanager
def _opened(found: Installation) -> Iterator[Store | None]:
    """The store in force, as it is: not migrated, and not made where there is none."""
    import sqlalchemy as sa

    from syncd.settings import SettingsRefused
    from syncd.store.engine import Store, StoreUnusable

    try:
        url = found.settings.database()
        path = sa.make_url(url).database if url.startswith("sqlite") else None
        if path is not None and not Path(path).is_file():
            yield None
            return
        store = Store(url)
        store.require_current()
    except SettingsRefused as error:
        refuse(error)
    except (StoreUnusable, sa.exc.ArgumentError) as error:
        stop(str(error))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _sessions(found: Installation, *, offline: bool) -> Iterator[dict[str, Session]]:
    """A session with each source, closed at the end; none offline."""
    from connectors.base import SilentObserver
    from syncd.registry import connectors
    from syncd.settings import SettingsRefused

    opened: dict[str, Session] = {}
    try:
        for name, source in ({} if offline else found.sources).items():
            connector = connectors()[source.kind]
            opened[name] = connector.open(source.config(name), SilentObserver())
        yield opened
    except SettingsRefused as error:
        refuse(error)
    finally:
        for session in opened.values():
            session.close()
