"""deploy/Containerfile as data, and its steps done in a folder that stands for the image's root.

No container engine is needed: a base image is a fresh virtual environment with pip, COPY copies, RUN
runs the very words with each absolute path led into the folder.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

LED = ("/opt/", "/src", "/image/", "/usr/local/", "/var/lib/syncd", "/etc/syncd")
"""The absolute paths that the file may speak of; `led` refuses others."""
KEPT = ("/usr/bin", "/bin")
SECONDS = 300


@dataclass
class Stage:
    """A stage: its name, and its steps as (instruction, the rest of the line)."""

    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        """What stands behind an instruction, each time it does."""
        return [words for name, words in self.steps if name == instruction]

    def variables(self) -> dict[str, str]:
        """What ENV says."""
        pairs = [pair for words in self.all("ENV") for pair in shlex.split(words)]
        return dict(pair.split("=", 1) for pair in pairs)


def stages(text: str) -> list[Stage]:
    """The stages of a Containerfile, in their order."""
    found: list[Stage] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, words = line.partition(" ")
        if instruction == "FROM":
            found.append(Stage(words.partition(" AS ")[2] or "result"))
        elif found:
            found[-1].steps.append((instruction, words))
    return found


def context(repository: Path, target: Path, ignore: str) -> None:
    """The files of the repository that the ignore file lets through, under the target."""
    lines = [line for line in ignore.splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*", "everything is left out but what is named"
    never = [line for line in lines[1:] if not line.startswith("!")]
    for name in (line[1:] for line in lines if line.startswith("!")):
        source = repository / name
        files = [source] if source.is_file() else list(source.rglob("*"))
        for path in files:
            inner = str(path.relative_to(repository))
            if path.is_file() and not any(fnmatch(f"/{inner}", f"*{n[2:]}*") for n in never):
                (target / inner).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / inner)


@dataclass
class Build:
    """Does the steps of stages, each with `root` as the root of its image and `base` as the virtual
    environment that stands for the base image. Stages that are done lie in `done`.
    """

    context: Path
    root: Path
    base: Path
    done: dict[str, Path] = field(default_factory=dict)

    def do(self, stage: Stage) -> None:
        """All steps of a stage, in an empty root."""
        self.root.mkdir(parents=True)
        variables = dict(os.environ)
        for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
            variables.pop(name, None)
        variables["PATH"] = f"{self.base}/bin:/usr/bin:/bin"
        folder = self.root
        for instruction, words in stage.steps:
            if instruction == "WORKDIR":
                folder = Path(self.led(words))
                folder.mkdir(parents=True)
            elif instruction == "ARG" or (instruction == "ENV" and stage.name == "build"):
                variables |= dict(pair.split("=", 1) for pair in shlex.split(words))
            elif instruction == "COPY":
                self._copy(words, folder)
            elif instruction == "RUN":
                self._run(words, folder, variables)

    def keep(self, stage: Stage) -> None:
        """Lays the root of a stage aside, for later ones to copy from."""
        self.done[stage.name] = self.root.with_name(f"{self.root.name}-{stage.name}")
        self.root.rename(self.done[stage.name])

    def led(self, words: str) -> str:
        """The words with every absolute path led into the root. Refuses paths that are not known:
        a step must not touch the machine that tests it.
        """

        def lead(found: re.Match[str]) -> str:
            path = found[0]
            if path.startswith(LED):
                return f"{self.root}{path}"
            assert path.startswith(KEPT), f"a step touches {path}"
            return path

        return re.sub(r"(?<![\w.:/*}-])/[\w./*-]+", lead, words)

    def _run(self, words: str, folder: Path, variables: Mapping[str, str]) -> None:
        done = subprocess.run(
            ["/bin/sh", "-ec", self.led(words)],
            cwd=folder,
            env=dict(variables),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{words}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"

    def _copy(self, words: str, folder: Path) -> None:
        options = [word for word in words.split() if word.startswith("--")]
        *sources, target = [word for word in words.split() if not word.startswith("--")]
        of = next((o.partition("=")[2] for o in options if o.startswith("--from=")), None)
        to = Path(self.led(target)) if target.startswith("/") else folder / target
        for source in sources:
            found = self.context / source if of is None else Path(f"{self.done[of]}{source}")
            if found.is_dir():
                shutil.copytree(found, to, symlinks=True)
            else:
                to.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(found, to / found.name)


def listed(words: str) -> list[str]:
    """The words of an instruction in its form of a JSON list."""
    found: list[str] = json.loads(words)
    return found
