"""`syncd token`: who may read and write over HTTP."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.call import out, print_json, stop, stored
from syncd.cli.completion import token_names

if TYPE_CHECKING:
    from datetime import datetime

    from syncd.store.tokens import TokenView
    from syncd.surfaces.documents import Document

token = typer.Typer(
    no_args_is_help=True,
    help="Tokens that may read, write or administer over HTTP. The store keeps only their SHA-256.",
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
By = Annotated[str | None, typer.Option(help="Who does it; default: your login name.")]


@token.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Whose it is, such as grafana; never used twice.")],
    scope: Annotated[
        str, typer.Option(help="read, write or admin; each may do what those before it may.")
    ] = "read",
    expires: Annotated[
        str | None, typer.Option(help="How long it may be used (90 d); default: until revoked.")
    ] = None,
    by: By = None,
    as_json: Json = False,
) -> None:
    """Makes a token and prints it, which nobody can do a second time.

    Example: [bold]syncd token create grafana --scope read --expires "90 d"[/bold]
    """
    from connectors.quantity import parse_duration
    from syncd.intake import tokens
    from syncd.intake.texts import Refused
    from syncd.store.clock import clock_of
    from syncd.surfaces.documents import moment

    try:
        lasts = None if expires is None else timedelta(seconds=parse_duration(expires))
    except (ValueError, OverflowError) as error:
        stop(f"expires: {error}")
    with stored() as store:
        try:
            made = tokens.make(
                store,
                name,
                scope,
                by=by or getpass.getuser(),
                now=clock_of(store).now(),
                lasts=lasts,
            )
        except Refused as error:
            stop(str(error))
    if as_json:
        ends = None if made.expires_at is None else moment(made.expires_at)
        print_json(
            {"name": made.name, "scope": made.scope, "expires_at": ends, "token": made.token}
        )
    else:
        out.print(made.token, markup=False, highlight=False, soft_wrap=True)


@token.command("list")
def list_tokens(as_json: Json = False) -> None:
    """Prints every token that was made, by its name: what it may do, since when, until when.

    Example: [bold]syncd token list --json | jq -r '.[] | select(.in_use) | .name'[/bold]
    """
    from syncd.cli import people
    from syncd.store.clock import clock_of
    from syncd.store.tokens import all_tokens

    with stored() as store, store.read() as connection:
        now = clock_of(store).now()
        found = [_document(one, now) for one in all_tokens(connection)]
    if as_json:
        print_json(found)
    else:
        people.tokens(out, found)


@token.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="The name of the token.", autocompletion=token_names)],
    by: By = None,
    as_json: Json = False,
) -> None:
    """Ends a token at once, at every replica.

    Example: [bold]syncd token revoke grafana[/bold]
    """
    from syncd.intake import tokens
    from syncd.intake.texts import Refused, Unknown
    from syncd.store.clock import clock_of

    with stored() as store:
        try:
            tokens.revoke(store, name, by=by or getpass.getuser(), now=clock_of(store).now())
        except (Refused, Unknown) as error:
            stop(str(error))
    if as_json:
        print_json({"name": name, "in_use": False})
    else:
        out.print(f"{name} is revoked", markup=False, highlight=False)


def _document(one: TokenView, now: datetime) -> Document:
    from syncd.surfaces.documents import moment

    return {
        "name": one.name,
        "scope": one.scope,
        "in_use": one.holds_at(now),
        "created_at": moment(one.created_at),
        "created_by": one.created_by,
        "expires_at": None if one.expires_at is None else moment(one.expires_at),
        "revoked_at": None if one.revoked_at is None else moment(one.revoked_at),
        "revoked_by": one.revoked_by,
    }
