"""One call of the command line: the options before the command, and what commands open with them.

What only some commands need is imported by them: `syncd --help` must not wait for the connectors.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import typer
from rich.console import Console

if TYPE_CHECKING:
    from connectors.base import Connector
    from syncd.process import Assembly
    from syncd.settings import Installation, Settings
    from syncd.store.engine import Store

FAILED = 1
REFUSED = 2
BAD = 3
"""What was asked for is done; what it tells is what a script asked to be stopped by."""

out = Console()
err = Console(stderr=True)


class Choices:
    """The options that stand before the command."""

    overrides: dict[str, Any]

    def __init__(self) -> None:
        self.overrides = {}


choices = Choices()


def overriding(context: typer.Context, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options before the command as settings that win over all others.

    A database URL counts only if it was typed: the environment's own order, where a file wins over
    the variable, holds for what the environment says.
    """
    source = context.find_root().get_parameter_source("database_url")
    typed = source is not None and source.name == "COMMANDLINE"
    return {key: value for key, value in options.items() if typed or key != "database_url"}


def installation(**more: Any) -> Installation:
    """The settings of this call; `more` are the command's own options. Refused ones end it."""
    from syncd.registry import connectors

    return _settings(connectors(), more)


def _settings(connectors: Mapping[str, Connector] | None, more: Mapping[str, Any]) -> Installation:
    from syncd.settings import SettingsRefused, load_settings

    try:
        return load_settings(connectors, {**choices.overrides, **more})
    except SettingsRefused as error:
        refuse(error)


def with_shipped_kinds(found: Installation) -> Installation:
    """Without a settings file mappings can still be checked: one source of each kind stands in."""
    from dataclasses import replace

    if found.sources:
        return found
    from syncd.registry import connectors
    from syncd.settings import SourceSetting

    return replace(
        found,
        sources={kind: SourceSetting(kind=kind, url="http://localhost") for kind in connectors()},
    )


def set_up_log(found: Installation) -> None:
    """This process's log, as the settings ask for it. Raises SettingsRefused (a secret is
    missing).
    """
    from syncd import log

    settings = found.settings
    log.set_up(form=settings.log_format, level=settings.log_level, secrets=found.secret_values())


@contextmanager
def assembled(found: Installation) -> Iterator[Assembly]:
    """All parts of a process, and its logs set up. Ends the call in words where that cannot be."""
    from syncd.process import assemble
    from syncd.settings import SettingsRefused
    from syncd.store.engine import StoreUnusable

    if not found.sources:
        stop(
            "no sources are configured; write a settings file (docs/guide/settings.md has one to "
            "start from) and name it with --config, or try `syncd demo`"
        )
    try:
        set_up_log(found)
        assembly = assemble(found)
    except SettingsRefused as error:
        refuse(error)
    except StoreUnusable as error:
        stop(str(error))
    try:
        with traced(found):
            yield assembly
    finally:
        assembly.close()


@contextmanager
def traced(found: Installation) -> Iterator[None]:
    """Keeps traces within it, if the settings ask for them. Ends the call in words where that
    cannot be.
    """
    if found.settings.traces == "off":
        yield
        return
    from importlib.metadata import version

    from syncd.log import without_secrets

    try:
        from syncd.tracing import exporting
    except ImportError:
        stop(
            "traces: got on, but OpenTelemetry is not installed; "
            "fix: pip install 'syncd[otel]', or leave SYNCD_TRACES off"
        )
    try:
        end = exporting.start(version=version("syncd"), clean=without_secrets)
    except ValueError as error:
        stop(f"traces: a variable of OpenTelemetry (OTEL_*) cannot be used: {error}")
    try:
        yield
    finally:
        end()


@contextmanager
def stored(*, as_it_is: bool = False) -> Iterator[Store]:
    """The store of this call, migrated; `as_it_is`: whatever its schema, or if there is none."""
    from syncd.settings import SettingsRefused
    from syncd.store.engine import Store, StoreUnusable

    try:
        store = Store(_settings(None, {}).settings.database())
        if not as_it_is:
            store.migrate()
    except SettingsRefused as error:
        refuse(error)
    except StoreUnusable as error:
        stop(str(error))
    try:
        yield store
    finally:
        store.close()


def settings_of_store() -> Settings:
    """The settings of a command that only works with the store. Refused ones end it."""
    return _settings(None, {}).settings


def refuse(error: Any) -> NoReturn:
    """Ends the call with every fault of refused settings."""
    from syncd.cli import printing

    printing.faults(err, error.faults)
    raise typer.Exit(REFUSED) from error


def stop(words: str) -> NoReturn:
    """Ends the call with a sentence that says why."""
    err.print(f"syncd: {words}", markup=False, highlight=False, style="red", soft_wrap=True)
    raise typer.Exit(REFUSED)


def print_json(document: Any) -> None:
    """A document for scripts."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")
