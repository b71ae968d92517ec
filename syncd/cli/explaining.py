"""`syncd explain`, where a number comes from, and `syncd set`, the number that a person gives."""

from __future__ import annotations

import getpass
from typing import Annotated, Any, Literal

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import key_results_and_indicators, set_by_hand

Format = Annotated[
    Literal["text", "json"], typer.Option("--format", help="text for people, json for scripts.")
]


def explain(
    name: Annotated[
        str,
        typer.Argument(
            help="A key result's id (dcim-o1-kr1), or an indicator's name or fingerprint.",
            autocompletion=key_results_and_indicators,
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option(help="As of a day's end (2026-02-15) or a moment (2026-02-15T09:00)."),
    ] = None,
    reconstructed: Annotated[
        bool,
        typer.Option(
            "--reconstructed", help="With --at: what is known today of then, not what was told."
        ),
    ] = False,
    outcome: Annotated[
        Literal["fail", "pending", "pass", "all", "extra"],
        typer.Option(help="Which objects; extra: keys that only the other set has."),
    ] = "fail",
    page: Annotated[int, typer.Option(min=1, max=1_000_000, help="Which page of objects.")] = 1,
    per_page: Annotated[int, typer.Option(min=1, max=10_000, help="Objects a page.")] = 50,
    form: Format = "text",
) -> None:
    """Shows where a number comes from: the query, the raw values and what they cost, the objects
    that fail; for a key result also how progress and status follow.

    Examples: [bold]syncd explain dcim-o1-kr1 --per-page 100[/bold],
    [bold]syncd explain delivered_in_netbox --at 2026-02-15 --format json[/bold]
    """
    from syncd.cli import explanation as printed
    from syncd.store.clock import clock_of
    from syncd.store.explaining import names
    from syncd.store.naming import key_meant
    from syncd.store.told import key_known
    from syncd.surfaces.asked import as_of_words, asked, zone_in_force
    from syncd.surfaces.detail import key_result_detail
    from syncd.surfaces.explaining import explanation, objects_document

    with stored() as store, store.read() as connection:
        now = clock_of(store).now()
        try:
            wanted = asked(connection, at, now, reconstructed=reconstructed)
        except ValueError as error:
            stop(f"--at: {error}")
        indicator = explanation(connection, name, now=now, asked=wanted)
        if indicator is None:
            stop(f"there is no key result or indicator {name!r}{_near(name, names(connection))}")
        key = (
            key_meant(connection, name, now)
            if wanted.told_by is None
            else key_known(connection, name, wanted.told_by)
        )
        document: dict[str, Any] = {
            "at": at,
            "as_of": as_of_words(wanted, zone_in_force(connection)),
            "key_result": None
            if key is None
            else key_result_detail(connection, key, now=now, asked=wanted),
            "indicator": indicator,
            "objects": objects_document(
                connection,
                name,
                outcome,
                now=now,
                asked=wanted,
                limit=per_page,
                offset=(page - 1) * per_page,
            ),
        }
    if form == "json":
        print_json(document)
    else:
        printed.explanation(out, document)


def set_number(
    name: Annotated[
        str,
        typer.Argument(
            help="The name of an indicator with measure: manual, or of the key result it is in.",
            autocompletion=set_by_hand,
        ),
    ],
    value: Annotated[
        str, typer.Argument(help='With its unit, as in mapping files: "62 %", 3, "2.5 USD/host/h".')
    ],
    note: Annotated[str | None, typer.Option(help="What a reader should know.")] = None,
    by: Annotated[str | None, typer.Option(help="Who says so; default: your login name.")] = None,
    at: Annotated[
        str | None,
        typer.Option(help="As of a day's end (2026-02-15) or a moment; default: now."),
    ] = None,
    form: Format = "text",
) -> None:
    """Writes down a number that a person gives. The worker judges it within a second.

    Example: [bold]syncd set support_coverage "62 %" --note "contract signed"[/bold]
    """
    from syncd.intake.manual import Given
    from syncd.intake.manual import set_number as written_down
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of

    with stored() as store:
        given = Given(value, by=by or getpass.getuser(), note=note, at=at)
        try:
            written = written_down(store, name, given, now=clock_of(store).now())
        except (Refused, Unknown) as error:
            stop(str(error))
    if form == "json":
        print_json(written.document())
    else:
        out.print(
            f"{written.indicator} set to {written.text} by {written.by}",
            markup=False,
            highlight=False,
        )


def _near(name: str, known: list[str]) -> str:
    from syncd.wording import did_you_mean

    return did_you_mean(name, known, "`syncd status` lists the key results")
