"""`syncd doctor`: whether everything that syncd stands on is as it needs it, and what to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import completion
from syncd.cli.bar import steps
from syncd.cli.call import FAILED, installation, out, print_json, stop, with_shipped_kinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.checkup import Finding
    from syncd.doctor.groups import Group, Look
    from syncd.model import Catalogue
    from syncd.settings import Installation

SOURCE = "source "
_SIGNS = {
    "ok": ("green", "✔", "ok"),
    "unknown": ("cyan", "?", "could not find out"),
    "warning": ("yellow", "!", "warning"),
    "problem": ("red", "✖", "problem"),
}


def doctor(
    source: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Look at this source only.",
            autocompletion=completion.sources,
        ),
    ] = None,
    timeout: Annotated[
        str, typer.Option(metavar="DURATION", help="How long each look may take.")
    ] = "30 s",
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")] = False,
) -> None:
    """Looks at what syncd stands on (settings and secrets, mapping files, store, each source, whom
    events are sent to) and says what to mend. Changes nothing. Exits with 1 on a problem.

    Sources are looked at side by side; one that hangs holds up no other. Whether every single
    query works is what [bold]syncd check --live[/bold] tries.

    Examples: [bold]syncd --config settings.yaml doctor[/bold],
    [bold]syncd --config settings.yaml doctor --source netbox[/bold],
    [bold]kubectl -n okr exec deploy/syncd -- syncd doctor --json[/bold]
    """
    from connectors.checkup import Level
    from syncd.doctor.groups import document, side_by_side, tally

    seconds = _seconds(timeout)
    found = installation()
    if source is not None and source not in found.sources:
        names = ", ".join(found.sources) or "none: no sources are configured"
        stop(f"--source: got {source!r}; expected one of {names}")
    groups, looks = _looks(found, source, seconds)
    with steps("looking", len(looks), left=False) as moved:
        groups += side_by_side(looks, seconds, lambda name: moved(f"looked at {name}"))
    if as_json:
        print_json(document(groups))
    else:
        _print(groups)
    count = tally(groups)
    failing = count[Level.PROBLEM] or (strict and count[Level.WARNING])
    raise typer.Exit(FAILED if failing else 0)


def _seconds(text: str) -> float:
    from connectors.quantity import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        stop(f"--timeout: {error}")


def _looks(found: Installation, only: str | None, seconds: float) -> tuple[list[Group], list[Look]]:
    """What is known at once, and what is to be waited for."""
    from syncd.clock import SystemClock
    from syncd.doctor.groups import Group, Look
    from syncd.doctor.mapping import look_at_mapping
    from syncd.doctor.secrets import look_at_secrets
    from syncd.doctor.sources import SourceLook, wanted_of
    from syncd.loading import load_mappings
    from syncd.registry import connectors

    loaded = load_mappings(with_shipped_kinds(found))
    groups = [Group("settings", tuple(look_at_secrets(found, only)))]
    looks: list[Look] = []
    clock = SystemClock()
    if only is None:
        groups.append(Group("mapping", tuple(look_at_mapping(loaded))))
        looks += _surroundings(found, seconds)
    catalogues: Sequence[Catalogue] = loaded.catalogues
    for name, source in found.sources.items():
        if only not in (None, name):
            continue
        look = SourceLook(
            partial(source.config, name),
            connectors()[source.kind].open,
            wanted_of(name, catalogues, found),
            clock,
            seconds,
        )
        looks.append(Look(f"{SOURCE}{name}", look.look, look.hang_up))
    return groups, looks


def _surroundings(found: Installation, seconds: float) -> Iterator[Look]:
    """The store, whom events are sent to, and the process that serves here."""
    from syncd.clock import SystemClock
    from syncd.doctor.groups import Look
    from syncd.doctor.store import look_at_store
    from syncd.doctor.targets import look_at_route, look_at_webhook
    from syncd.doctor.worker import look_at_worker
    from syncd.settings import SettingsRefused

    def store() -> Iterator[Finding]:
        try:
            url = found.settings.database()
        except SettingsRefused:
            return  # told among the secrets
        yield from look_at_store(url, SystemClock(), seconds)

    yield Look("store", _told(store))
    for name, webhook in found.webhooks.items():
        yield Look(f"webhook {name}", _told(partial(look_at_webhook, name, webhook, seconds)))
    for name, route in found.notifications.items():
        yield Look(f"notification {name}", _told(partial(look_at_route, name, route, seconds)))
    settings = found.settings
    # metrics that have a port of their own are served there without TLS
    own, tls = settings.metrics_listen, settings.tls_cert_file is not None
    worker = partial(look_at_worker, own or settings.listen, seconds, tls=tls and own is None)
    yield Look("process", _told(worker))


def _told(findings: Callable[[], Iterator[Finding]]) -> Callable[[Any], None]:
    def look(tell: Callable[[Finding], None]) -> None:
        for finding in findings():
            tell(finding)

    return look


def _print(groups: Sequence[Group]) -> None:
    from rich.text import Text

    from connectors.checkup import Level
    from syncd.doctor.groups import tally

    for group in groups:
        if not group.findings:
            continue
        out.print(Text(group.name, style="bold"))
        for one in group.findings:
            colour, sign, word = _SIGNS[one.level.value]
            line = Text.assemble("  ", (sign, colour), f" {one.about}: {one.says}")
            if word != "ok":
                line.append(f" ({word})", style=colour)
            out.print(line, soft_wrap=True, highlight=False)
            if one.fix:
                out.print(Text(f"    fix: {one.fix}", style="dim"), soft_wrap=True, highlight=False)
    count = tally(groups)
    out.print(
        ", ".join(_counted(level.value, count[level]) for level in reversed(Level) if count[level]),
        highlight=False,
    )


def _counted(level: str, number: int) -> str:
    word = _SIGNS[level][2]
    several = level in ("warning", "problem") and number != 1
    return f"{number} {word}{'s' if several else ''}"
