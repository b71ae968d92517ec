"""Every command that README and docs name is one that there is, with options that there are.

Nothing is run here. What commands do is held to by the tests of each page (exit statuses, what people say, the
reference of the API, the guides to new connectors, measures and surfaces) and by those of the command line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import pytest
import typer
from typer._click.exceptions import UsageError

from deploy.site import ROOT
from syncd.cli.app import app
from syncd.surfaces.api.application import openapi
from tests.unit.documents.snippets import blocks, inline

CALL = re.compile(r"(?:^|-- |sh -c ')syncd(?= )|^syncd$")
ENDS = re.compile(r" (?:\||>|>&2|&&|<|#) ?.*$|'.*$")
USAGE = re.compile(r"\[OPTIONS\]|\bCOMMAND\b")
"""How the page of commands says what a command takes."""
WRONG = {"status --no-such-option"}
"""What the page of exit statuses shows to be refused."""
ANYTHING = re.compile(r"[A-Z]+|\.\.\.")
"""A word that stands for what a reader puts there."""
HTTP = re.compile(r"curl .*?(?:https://SYNCD|http://127\.0\.0\.1:9464)([^\s'\"?]*)")
BESIDE_THE_API = ("/feed.json", "/feed.atom", "/feed/stream", "/hooks/netbox")


def calls(text: str) -> Iterator[str]:
    """What stands behind `syncd` in each line of a shell, without what is made of its output."""
    for line in text.replace("\\\n", " ").splitlines():
        if found := CALL.search(line.strip()):
            rest = re.sub(r"\$\([^)]*\)", "MADE", line.strip()[found.end() :])
            # quotes hold what would end a command elsewhere
            kept = re.sub(r"\"[^\"]*\"|'[^']*'", lambda one: one[0].replace(" ", "\0"), rest)
            yield ENDS.sub("", kept).replace("\0", " ").strip()


SHOWN = sorted(
    {call for block in blocks("sh") for call in calls(block.text) if not USAGE.search(call)}
)
NAMED = sorted({call for _, text in inline() for call in calls(text)})


SYNCD: Any = typer.main.get_command(app)


def parsed(words: list[str]) -> Any:
    """The context of the command that the words come to. Raises UsageError where there is none."""
    command = SYNCD
    context = command.make_context("syncd", words)
    while getattr(command, "commands", None):
        rest = [*context._protected_args, *context.args]
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    return context


def choices(parameter: Any) -> set[str]:
    """The words that a parameter takes; empty: any."""
    kind = parameter.type_descriptor.annotation
    while get_origin(kind) is not Literal and get_args(kind):
        kind = next(one for one in get_args(kind) if one is not type(None))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {str(one.value) for one in kind}
    return {str(one) for one in get_args(kind)}


def unfit(context: Any) -> list[str]:
    """Words that stand where only others may."""
    found = []
    for one in context.command.params:
        given = context.params.get(one.name)
        for value in given if isinstance(given, list | tuple) else [given]:
            known = choices(one)
            said = str(getattr(value, "value", value))
            if value is not None and known and said not in known and not ANYTHING.fullmatch(said):
                found.append(f"{one.name}: {said}")
    return found


def mentions(call: str) -> bool:
    """Whether it names a command without calling it: no more than its words."""
    return all(re.fullmatch(r"[a-z]+", word) for word in call.split())


def test_there_are_many() -> None:
    assert len(SHOWN) > 50
    assert len(NAMED) > 80


@pytest.mark.parametrize("call", SHOWN)
def test_a_command_that_is_shown_can_be_called(call: str) -> None:
    assert unfit(parsed(shlex.split(call))) == []


@pytest.mark.parametrize("call", [one for one in NAMED if one not in WRONG])
def test_a_command_that_is_named_is_one(call: str) -> None:
    words = [word for word in shlex.split(call) if word not in ("--help", "--version")]
    if mentions(" ".join(words)):
        command = SYNCD
        for word in words:
            assert word in command.commands, call
            command = command.commands[word]
            if not getattr(command, "commands", None):
                break
        return

    assert unfit(parsed(words)) == []


@pytest.mark.parametrize("call", sorted(WRONG))
def test_what_is_shown_to_be_refused_is(call: str) -> None:
    with pytest.raises(UsageError):
        parsed(shlex.split(call))


def test_every_target_that_is_named_is_one_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    shown = "\n".join(block.text for block in blocks("sh"))
    named = {*re.findall(r"^make ([a-z][a-z-]*)", shown, re.MULTILINE)}
    named |= {word for _, text in inline() for word in re.findall(r"^make ([a-z][a-z-]*)", text)}

    assert len(named) > 10
    assert named <= targets


def test_every_address_that_is_asked_is_one() -> None:
    known = [re.sub(r"\{id\}", "[^/]+(/[^/]+)?", path) for path in openapi()["paths"]]
    known = [re.sub(r"\{\w+\}", "[^/]+", path) for path in known]
    asked = {
        path for block in blocks("sh") for path in HTTP.findall(block.text.replace("\\\n", " "))
    }

    assert len(asked) > 10
    for path in asked - {*BESIDE_THE_API}:
        assert path.startswith("/api/v1"), path
        inside = path.removeprefix("/api/v1")
        assert any(re.fullmatch(pattern, inside) for pattern in known), path
