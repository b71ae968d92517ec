"""The commands of the reference of the API, as requests."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "api.md"
SERVER = "https://SYNCD"


@dataclass(frozen=True)
class Command:
    """One `curl` of the reference."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None

    def sent(self, client: httpx.Client, **variables: str) -> httpx.Response:
        """The answer to it; `variables` are those of the shell."""

        def filled(text: str) -> str:
            for name, value in variables.items():
                text = text.replace(f"${name}", value)
            assert "$" not in text
            return text

        headers = {name: filled(value) for name, value in self.headers.items()}
        return client.request(self.method, filled(self.path), headers=headers, content=self.body)


def commands() -> list[Command]:
    """All of them, in their order."""
    blocks = re.findall(r"^```sh\n(.*?)^```", REFERENCE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [
        shlex.split(line)
        for block in blocks
        for line in re.split(r"\n+(?=curl )", block.replace("\\\n", " "))
    ]
    return [_command(words) for words in lines]


def _command(words: list[str]) -> Command:
    program, *rest = words
    assert program == "curl"
    method, path, headers, body = "", "", {}, None
    while rest:
        word = rest.pop(0)
        if word == "-X":
            method = rest.pop(0)
        elif word == "-H":
            name, _, value = rest.pop(0).partition(": ")
            headers[name] = value
        elif word == "--json":
            body = rest.pop(0)
            headers["Content-Type"] = "application/json"
        else:
            assert word.startswith(SERVER), word
            path = word.removeprefix(SERVER)
    return Command(method or ("GET" if body is None else "POST"), path, headers, body)
