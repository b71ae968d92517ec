"""The page of the command line, made of the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer

from deploy.reference.tables import MADE, code, sentence, table
from syncd.cli.app import app

HEAD = f"""\
# Commands

{MADE}
`syncd --help`, and `--help` after any command, say the same in a terminal. What a command ends with
is in [exit status](exit-status.md); the options before it are [settings](settings.md).

"""
METAVARS = {Path: "PATH", int: "N", float: "N"}


def commands_page() -> str:
    """docs/reference/commands.md."""
    return HEAD + "\n".join(_section(path, one) for path, one in commands())


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its words (``syncd period close``), groups before what is in them."""

    def inside(path: str, one: Any) -> Iterator[tuple[str, Any]]:
        yield path, one
        for name, sub in getattr(one, "commands", {}).items():
            if not sub.hidden:
                yield from inside(f"{path} {name}", sub)

    return inside("syncd", typer.main.get_command(app))


def _section(path: str, command: Any) -> str:
    shown = [one for one in command.params if not getattr(one, "hidden", False)]
    arguments = [one for one in shown if not one.opts[0].startswith("-")]
    options = [one for one in shown if one not in arguments]
    usage = [path, *(["[OPTIONS]"] if options else []), *map(_placed, arguments)]
    if getattr(command, "commands", None):
        usage.append("COMMAND")
    return (
        f"## `{path}`\n\n```sh\n{' '.join(usage)}\n```\n\n{_words(command.help or '')}"
        + table(("argument", "meaning"), ((code(_placed(one)), _help(one)) for one in arguments))
        + table(
            ("option", "meaning", "default"),
            ((_spelled(one), _help(one), _default(one)) for one in options),
        )
    )


def _words(text: str) -> str:
    """Its help: paragraphs, and lines that stand to the right as code."""
    text = re.sub(r"\[bold\](.*?)\[/bold\]", r"`\1`", text.strip(), flags=re.DOTALL)
    made: list[str] = []
    for part in re.split(r"\n\s*\n", text):
        if part.startswith("    "):
            made.append("```sh\n" + "\n".join(one.strip() for one in part.splitlines()) + "\n```")
        else:
            made.append("\n".join(one.strip() for one in part.splitlines()))
    return "\n\n".join(made).replace("\n```\n\n```sh\n", "\n") + "\n\n"


def _placed(argument: Any) -> str:
    name = (argument.metavar or argument.name).upper()
    many = "..." if argument.nargs == -1 else ""
    return f"{name}{many}" if argument.required else f"[{name}]{many}"


def _spelled(option: Any) -> str:
    names = [*option.opts, *option.secondary_opts]
    if option.is_flag:
        return ", ".join(code(one) for one in names)
    return ", ".join(code(f"{one} {_metavar(option)}") for one in names)


def _metavar(option: Any) -> str:
    kind = _kind(option.type_descriptor.annotation)
    if get_origin(kind) is Literal:
        return "|".join(str(one) for one in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(one.value) for one in kind)
    return str(option.metavar or METAVARS.get(kind, "TEXT"))


def _kind(annotation: Any) -> Any:
    """Without `| None`, and of a list what is in it."""
    inside = [one for one in get_args(annotation) if one is not type(None)]
    if get_origin(annotation) is Literal or not inside:
        return annotation
    return _kind(inside[0])


def _help(one: Any) -> str:
    variable = f" Environment: `{one.envvar}`." if one.envvar else ""
    many = " May be given again." if getattr(one, "multiple", False) else ""
    return sentence(one.help or "") + many + variable


def _default(option: Any) -> str:
    value = option.default
    if value is None or value in (False, (), []) or callable(value):
        return ""
    return code(str(value.value) if isinstance(value, Enum) else str(value))
