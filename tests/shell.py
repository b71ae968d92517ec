"""What a page shows for a shell, run by one: `sh`, curl and openssl are real, and the line stays as it is.

What a test needs besides (the status of an answer, an end after a while) is said in curl's own file of
defaults and not on the line. The addresses of the pages are those of the server that stands in.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
ADDRESSES = ("https://SYNCD", "http://127.0.0.1:9464")
"""Where the pages have syncd."""
SECONDS = 60
DEFAULTS = f'silent\nshow-error\ngloboff\nnoproxy = "*"\nmax-time = {SECONDS}\nwrite-out = "\\n%{{http_code}}\\n"\n'
SYNCD = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m syncd "$@"\n'


@dataclass(frozen=True)
class Shown:
    """What a shell printed and how it ended; `status` is that of curl's last answer, 0 without one."""

    ended: int
    text: str
    errors: str
    status: int


class Shell:
    """A shell in a folder, with these variables besides the machine's, and `syncd` on its path."""

    def __init__(self, folder: Path, server: str = "", **variables: str) -> None:
        self._folder = folder
        self._server = server
        programs = folder / ".shell"
        programs.mkdir()
        (programs / ".curlrc").write_text(DEFAULTS, encoding="utf-8")
        (programs / "syncd").write_text(SYNCD, encoding="utf-8")
        (programs / "syncd").chmod(0o755)
        clean = {name: text for name, text in os.environ.items() if not name.startswith("SYNCD_")}
        path = f"{programs}:{os.environ['PATH']}"
        self.environment = clean | variables | {"PATH": path, "CURL_HOME": str(programs)}

    def placed(self, script: str) -> str:
        """The script with the server's address for that of the pages."""
        for address in ADDRESSES:
            script = script.replace(address, self._server)
        return script

    def does(self, script: str, **variables: str) -> Shown:
        """Run it. An unknown variable ends it, and so does a part of a pipe that fails alone."""
        answer = subprocess.run(
            ["sh", "-u", "-c", self.placed(script)],
            cwd=self._folder,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=SECONDS * 2,
            check=False,
        )
        text, status = answer.stdout, 0
        if found := re.search(r"\n(\d{3})\n\Z", text):
            text, status = text[: found.start()], int(found[1])
        return Shown(answer.returncode, text, answer.stderr, status)


def commands(blocks: list[str]) -> list[str]:
    """The calls of curl in these blocks, in their order, each with the lines it goes on over."""
    joined = "\n\n".join(blocks).replace("\\\n", " ")
    parts = re.split(r"\n{2,}|\n(?=curl )", joined)
    return [one.strip() for one in parts if one.startswith("curl ")]
