"""Installs what the tests' servers need: Debian packages, and NetBox in an environment of its own.

Run by `make test` before pytest, with any Python from 3.11 on and nothing but its standard library.
Ends with 1 and a sentence about what to do when something cannot be had: tests are never skipped.
A second run finds everything in place and takes well under a second.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOCK = HERE / "netbox" / "requirements.lock"
VENV = ROOT / ".peers" / "netbox-venv"
STAMP = VENV / "installed-from"
OLDEST = (3, 12)  # what NetBox asks for
NAMES = ("python3.12", "python3.13", "python3.14", "python3", "python")
CHECK_SECONDS = 30
POLICY = Path("/usr/sbin/policy-rc.d")


class Missing(Exception):
    """Something the tests need cannot be installed from here; the text says what to do."""


def say(text: str) -> None:
    """Print a line at once, so that it stands before what a subprocess prints."""
    sys.stdout.write(f"peers: {text}\n")
    sys.stdout.flush()


def missing_packages() -> list[str]:
    """The Debian packages whose programs are not here."""
    wanted = {
        "prometheus": ["prometheus", "promtool"],
        "prometheus-alertmanager": ["prometheus-alertmanager", "amtool"],
        "victoria-metrics": ["victoria-metrics"],
        "redis-server": ["redis-server"],
        "chromium": ["chromium"],
        "pgbouncer": ["pgbouncer"],
        "faketime": ["faketime"],
        "curl": ["curl"],  # what the pages show is run with it
        "openssl": ["openssl"],
    }
    found = [p for p, programs in wanted.items() if not all(map(shutil.which, programs))]
    # Debian keeps PostgreSQL's server programs off the PATH.
    initdb = any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb")
    return found if initdb else [*found, "postgresql"]


@contextmanager
def services_stay_off() -> Iterator[None]:
    """While this holds, packages do not start the services that they bring."""
    if POLICY.exists():
        yield
        return
    # Where no init system runs, as in a container, starting one would fail the installation.
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def install_packages(names: list[str]) -> None:
    """Install Debian packages as root. Raises Missing when that is not possible here."""
    apt = shutil.which("apt-get")
    by_hand = f"sudo apt-get install --no-install-recommends {' '.join(names)}"
    if apt is None:
        raise Missing(
            f"the tests need {', '.join(names)} (Debian's names), and there is no apt-get here: "
            "install them with this system's package manager"
        )
    if os.geteuid() != 0:
        raise Missing(f"the tests need packages that are not installed:\n  {by_hand}")
    say(f"installing {', '.join(names)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with services_stay_off():
        for words in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *names]):
            if subprocess.run([apt, *words], env=env, check=False).returncode != 0:
                raise Missing(f"`apt-get {words[0]}` failed; by hand:\n  {by_hand}")
    if left := missing_packages():
        raise Missing(f"{', '.join(left)} installed, but the programs are not on the PATH")


def suits(python: str | Path) -> bool:
    """Whether this is a Python that runs, is new enough for NetBox, and can make environments."""
    # A pyenv shim is there and executable, and yet fails when its version is not selected.
    check = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {OLDEST})"
    try:
        done = subprocess.run(
            [python, "-c", check], capture_output=True, timeout=CHECK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def candidates() -> Iterator[Path]:
    """Every program that could be a Python for NetBox, the likely ones first."""
    yield Path(sys.executable)
    folders = [Path(entry) for entry in os.get_exec_path() if entry]
    for name in NAMES:
        for folder in folders:
            yield folder / name
    pyenv = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
    # The oldest that suits: the newest may be ahead of the wheels in the lock file.
    yield from sorted(pyenv.glob("versions/*/bin/python"))


def uv_command() -> list[str] | None:
    """How to call uv, or None when it is not here."""
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv"]
    own = ROOT / ".venv" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    return [found] if found else None


def find_python() -> Path:
    """A Python for NetBox, brought by uv where there is none. Raises Missing."""
    for python in candidates():
        if python.is_file() and suits(python):
            return python
    version = ".".join(map(str, OLDEST))
    if uv := uv_command():
        say(f"no Python {version} or newer is installed: asking uv for one")
        if subprocess.run([*uv, "python", "install", version], check=False).returncode == 0:
            done = subprocess.run(
                [*uv, "python", "find", version], capture_output=True, text=True, check=False
            )
            python = Path(done.stdout.strip())
            if done.returncode == 0 and suits(python):
                return python
    raise Missing(
        f"NetBox needs Python {version} or newer, with its venv module; none works here. "
        "Install one (a package such as python3.12 and python3.12-venv, pyenv, or uv) and repeat"
    )


def install_netbox() -> None:
    """Create NetBox's environment from its lock file, unless it is there. Raises Missing."""
    want = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    python = VENV / "bin" / "python"
    if python.exists() and STAMP.exists() and STAMP.read_text().strip() == want:
        return
    base = find_python()
    say(f"installing NetBox with {base} (about a minute)")
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.parent.mkdir(exist_ok=True)
    # Variables of an outer environment would send packages elsewhere.
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PIP_TARGET", "PIP_USER")}
    steps = (
        [str(base), "-m", "venv", str(VENV)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        + ["--no-deps", "--require-hashes", "--requirement", str(LOCK)],
    )
    for words in steps:
        if subprocess.run(words, env=env, check=False).returncode != 0:
            raise Missing(f"installing NetBox failed at `{' '.join(words)}`")
    # Written last: an interrupted installation is begun anew.
    STAMP.write_text(f"{want}\n")


def main() -> int:
    """Zero when everything is in place."""
    try:
        if names := missing_packages():
            install_packages(names)
        install_netbox()
    except Missing as missing:
        sys.stderr.write(f"peers: {missing}\n")
        return 1
    say("PostgreSQL, PgBouncer, Redis, Prometheus, Chromium and NetBox are installed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
