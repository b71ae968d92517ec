"""What people say of a key result: notes, pauses, overrides, and taking them back."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import key_result_ids

KeyResult = Annotated[
    str, typer.Argument(help="The id of a key result.", autocompletion=key_result_ids)
]
Reason = Annotated[str, typer.Option(help="Why; it is shown beside the status.")]
Until = Annotated[
    str,
    typer.Option(help="The last day (2026-03-15), in the key result's timezone, or a moment."),
]
By = Annotated[str | None, typer.Option(help="Who says so; default: your login name.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]


def note(
    kr: KeyResult,
    text: Annotated[str, typer.Argument(help="What a reader should know.")],
    at: Annotated[
        str | None,
        typer.Option(help="Of a day's end (2026-02-15) or a moment; default: now."),
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Writes a note to a key result: a mark on its curve; it changes no number.

    Example: [bold]syncd note dcim-o1-kr1 "the scanners arrived" --at 2026-02-12[/bold]
    """
    _say("note", kr, text, by=by, at=at, as_json=as_json)


def pause(
    kr: KeyResult, until: Until, reason: Reason, by: By = None, as_json: Json = False
) -> None:
    """Stops the expected line of a key result for a while; its value is judged as ever.

    Example: [bold]syncd pause dcim-o1-kr1 --until 2026-02-20 --reason "no power in CB3"[/bold]
    """
    _say("pause", kr, reason, by=by, until=until, as_json=as_json)


def override(
    kr: KeyResult,
    status: Annotated[
        str, typer.Argument(help="on_track, at_risk, off_track, achieved or missed.")
    ],
    until: Until,
    reason: Reason,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Tells another status of a key result than the one that is judged, until it ends; both are
    shown.

    Example: [bold]syncd override dcim-o1-kr1 on_track --until 2026-03-15
    --reason "the vendor imports them on 14 March"[/bold]
    """
    _say("override", kr, reason, by=by, until=until, status=status, as_json=as_json)


def withdraw(
    number: Annotated[str, typer.Argument(help="The number that `syncd adjustments` shows.")],
    reason: Annotated[str, typer.Option(help="Why it is taken back.")],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Ends a pause or an override now, or takes a note back; what was said stays visible.

    Example: [bold]syncd withdraw 7 --reason "the power is back"[/bold]
    """
    from syncd.intake import adjusting
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of
    from syncd.surfaces.people import adjustment_document

    with stored() as store:
        now = clock_of(store).now()
        try:
            view = adjusting.withdraw(
                store, number, by=by or getpass.getuser(), reason=reason, now=now
            )
        except (Refused, Unknown) as error:
            stop(str(error))
    if as_json:
        print_json(adjustment_document(view, now))
    else:
        words = f"{view.said.kind.value} {number} of {view.key_result} is withdrawn"
        out.print(words, markup=False, highlight=False)


def adjustments(
    kr: Annotated[
        str | None,
        typer.Argument(help="The id of a key result; default: all.", autocompletion=key_result_ids),
    ] = None,
    as_json: Json = False,
) -> None:
    """Prints all that people said of key results: notes, pauses, overrides, and what became of
    them.

    Example: [bold]syncd adjustments --json | jq '.[] | select(.in_force)'[/bold]
    """
    from syncd.cli import people
    from syncd.intake.adjusting import known_key_result
    from syncd.intake.texts import Unknown
    from syncd.store.clock import clock_of
    from syncd.surfaces.people import adjustment_list

    with stored() as store, store.read() as connection:
        now = clock_of(store).now()
        try:
            of = None if kr is None else known_key_result(connection, kr, now).key
        except Unknown as error:
            stop(str(error))
        documents = adjustment_list(connection, now=now, of=of)
    if as_json:
        print_json(documents)
    else:
        people.adjustments(out, documents)


def _say(
    kind: str,
    kr: str,
    reason: str,
    *,
    by: str | None,
    as_json: bool,
    until: str | None = None,
    status: str | None = None,
    at: str | None = None,
) -> None:
    from syncd.intake.adjusting import GivenAdjustment, adjust
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of
    from syncd.surfaces.people import adjustment_document

    given = GivenAdjustment(
        kind, reason, by=by or getpass.getuser(), until=until, status=status, at=at
    )
    with stored() as store:
        now = clock_of(store).now()
        try:
            view = adjust(store, kr, given, now=now)
        except (Refused, Unknown) as error:
            stop(str(error))
    document = adjustment_document(view, now)
    if as_json:
        print_json(document)
    else:
        words = f"{kr}: {document['text']} ({kind} {view.said.id})"
        out.print(words, markup=False, highlight=False, soft_wrap=True)
