"""`syncd check`: mapping files on paper, and on the sources that they name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.call import FAILED, err, installation, out, print_json, stop, with_shipped_kinds

if TYPE_CHECKING:
    from syncd.cli.live import Answer
    from syncd.hygiene import Finding
    from syncd.mapping import Loaded
    from syncd.settings import Installation


def check(
    live: Annotated[
        bool,
        typer.Option("--live", help="Also ask each source: credentials, then every query."),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 on hygiene's errors and warnings too."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
    as_sarif: Annotated[
        bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for the lines of a pull request.")
    ] = False,
    effective: Annotated[
        str | None,
        typer.Option(
            metavar="KR",
            help="Print one key result as it is in force, and where each value comes from.",
        ),
    ] = None,
) -> None:
    """Validates the mapping files; tells every fault at once and exits with 1 if there is one.
    Then tells what they leave open or say twice: owners, targets, dates, duplicates.

    Examples: [bold]syncd --mappings mappings/q1-2026 check --strict[/bold],
    [bold]syncd --config settings.yaml check --live[/bold],
    [bold]syncd --mappings mappings/q1-2026 check --sarif > syncd.sarif[/bold],
    [bold]syncd --mappings mappings/q1-2026 check --effective dcim-o1-kr1[/bold]
    """
    from syncd.cli.effective import print_effective
    from syncd.cli.live import check_sources
    from syncd.clock import SystemClock
    from syncd.hygiene import Severity, examine, sarif
    from syncd.loading import load_mappings

    if as_json and as_sarif:
        stop("--json and --sarif are two forms of one answer; ask for one of them")
    found = installation()
    loaded = load_mappings(with_shipped_kinds(found))
    if effective is not None:
        print_effective(loaded, effective, as_json=as_json)
        return
    answers: list[Answer] = []
    if loaded.catalogues and live:
        if not found.sources:
            stop("no sources to ask; name the settings file with --config")
        answers = check_sources(found, loaded.catalogues, SystemClock().now())
    findings = [
        it for one in loaded.catalogues for it in examine(one, loaded.places, loaded.catalogues)
    ]
    closed = _changed_since_closing(found, loaded)
    if as_sarif:
        from importlib.metadata import version

        base = _base(found.settings.mappings)
        print_json(sarif(findings, loaded.faults, version=version("syncd"), base=base))
    elif as_json:
        print_json({**_document(loaded, findings, answers), "closed": closed})
    else:
        _print(loaded, findings, answers)
        for words in closed:
            out.print(words, markup=False, highlight=False, soft_wrap=True)
    refused = bool(loaded.faults) or any(not answer.good for answer in answers)
    doubtful = strict and any(it.severity is not Severity.NOTE for it in findings)
    raise typer.Exit(FAILED if refused or doubtful else 0)


def _print(loaded: Loaded, findings: Sequence[Finding], answers: Sequence[Answer]) -> None:
    from syncd.cli import printing
    from syncd.cli.findings import print_findings

    printing.faults(err, loaded.faults)
    for catalogue in loaded.catalogues:
        printing.accepted(out, catalogue)
    if loaded.catalogues:
        print_findings(out, findings)
    printing.answers(out, answers)


def _document(
    loaded: Loaded, findings: Sequence[Finding], answers: Sequence[Answer]
) -> Mapping[str, Any]:
    return {
        "accepted": bool(loaded.catalogues),
        "faults": [vars(fault) for fault in loaded.faults],
        "findings": [finding.document() for finding in findings],
        "live": [answer.document() for answer in answers],
    }


def _changed_since_closing(found: Installation, loaded: Loaded) -> list[str]:
    """How the files differ from what closed periods were closed with. None where there is no store;
    a store that cannot be asked is said to be so.
    """
    from syncd.settings import SettingsRefused

    try:
        url = found.settings.database()
    except SettingsRefused as error:
        return _not_known(error)
    if not loaded.catalogues or _absent(url):
        return []
    # here and not above: who checks files where there is no store need not wait for it
    import sqlalchemy as sa

    from syncd.store.closing import changed_since
    from syncd.store.engine import Store, StoreUnusable

    try:
        store = Store(url)
        try:
            store.require_current()
            with store.read() as connection:
                return changed_since(connection, loaded.catalogues)
        finally:
            store.close()
    except (StoreUnusable, sa.exc.SQLAlchemyError) as error:
        return _not_known(error)


def _absent(url: str) -> bool:
    """Whether it names a file of SQLite that is not there."""
    kind, _, path = url.partition(":///")
    return kind.partition("+")[0] == "sqlite" and not Path(path.partition("?")[0]).is_file()


def _not_known(error: Exception) -> list[str]:
    err.print(
        f"Whether closed periods were edited is not known: {error}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return []


def _base(folder: Path) -> str:
    """Where the names of the mapping files start, seen from here; empty for right here."""
    from syncd.mapping import base_of

    base = Path(os.path.relpath(base_of(folder))).as_posix()
    return "" if base == "." else base
