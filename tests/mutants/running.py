"""Runs the tests of a module while one thing in it is wrong, in a process of its own."""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.machinery
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir

MOST_BYTES = 6 * 1024**3
"""What a mutant may take: one that never ends must not take the machine with it."""
WORDS = ("-x", "-q", "--assert=plain", "--no-header", "--tb=no")
WITHOUT = ("cacheprovider", "randomly", "xdist")


@dataclass(frozen=True)
class Ran:
    """How a run ended: all that ran passed (`passed`), the test that failed (empty: it failed
    before any did, or ran out of time), and how long it took.
    """

    passed: bool
    failed: str
    seconds: float
    timed_out: bool = False


class Broken(Exception):
    """The tests fail without a mutant, so that nothing can be said."""


def warm(tests: Sequence[str]) -> float:
    """Imports what the tests need of others, so that no run does it again; how long they take
    without a mutant, in seconds. Raises Broken.
    """
    set_hypothesis_home_dir(tempfile.mkdtemp(prefix="syncd-mutants-"))
    ran, others = _apart(None, None, tests, (), 600.0)
    if not ran.passed:
        raise Broken(f"{ran.failed or ' '.join(tests)} fails as it is")
    for name in others:
        with contextlib.suppress(Exception):  # what cannot be imported alone is imported later
            importlib.import_module(name)
    return _apart(None, None, tests, (), 600.0)[0].seconds


def run(
    module: str, tree: ast.Module, tests: Sequence[str], first: Sequence[str], limit: float
) -> Ran:
    """The tests with this in place of the module: the files of `first` come first, and those tests
    of them. Nothing is written where the module lies. `limit` in seconds.
    """
    likely = [name.partition("::")[0] for name in first]
    order = sorted(tests, key=lambda test: likely.index(test) if test in likely else len(likely))
    return _apart(module, tree, order, first, limit)[0]


def _apart(
    module: str | None,
    tree: ast.Module | None,
    tests: Sequence[str],
    first: Sequence[str],
    limit: float,
) -> tuple[Ran, list[str]]:
    reading, writing = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with contextlib.suppress(BaseException):
            _child(writing, module, tree, tests, first)
        os._exit(0)
    os.close(writing)
    timed_out = _has_not_ended(child, began + limit)
    with os.fdopen(reading, encoding="utf-8") as told:
        said = json.loads(told.read() or "{}")
    seconds = time.monotonic() - began
    passed = said.get("status") == 0 and not timed_out
    return Ran(passed, said.get("failed", ""), seconds, timed_out), said.get("others", [])


def _has_not_ended(child: int, until: float) -> bool:
    """Waits for a process; whether it had to be ended."""
    watched = os.pidfd_open(child)
    try:
        ended, _, _ = select.select([watched], [], [], max(until - time.monotonic(), 0))
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return not ended
    finally:
        os.close(watched)


def _child(
    writing: int,
    module: str | None,
    tree: ast.Module | None,
    tests: Sequence[str],
    first: Sequence[str],
) -> None:
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    nothing = os.open(os.devnull, os.O_RDWR)
    for one in (0, 1, 2):
        os.dup2(nothing, one)
    if module is not None and tree is not None:
        sys.meta_path.insert(0, _Wrong(module, tree))
    watching = _Watching(first)
    without = [word for name in WITHOUT for word in ("-p", f"no:{name}")]
    status = 0
    # where the first files notice, the others need not even be read; each call has its own cost
    for some in (tests[:1], tests[1:3], tests[3:]):
        if not some:
            break
        status = int(pytest.main([*WORDS, *without, *some], plugins=[watching]))
        if status:
            break
    others = [name for name, it in list(sys.modules.items()) if _is_of_others(it)]
    told = {"status": status, "failed": watching.failed, "others": others}
    with os.fdopen(writing, "w", encoding="utf-8") as out:
        json.dump(told, out)


def _is_of_others(module: ModuleType) -> bool:
    return "site-packages" in (getattr(module, "__file__", None) or "")


class _Wrong(MetaPathFinder):
    """Finds one module as it is in memory."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self._module = module
        self._tree = tree

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname != self._module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(fullname, spec.origin, self._tree)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, fullname: str, path: str, tree: ast.Module) -> None:
        super().__init__(fullname, path)
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec", dont_inherit=True)


class _Watching:
    """Puts the tests first that noticed something before, and remembers which one did now."""

    def __init__(self, first: Sequence[str]) -> None:
        self.failed = ""
        self._first = {name: place for place, name in enumerate(first)}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self) -> None:
        # what failed is enough: nobody wants its least example, nor to be asked again for it
        settings.register_profile(
            "mutants",
            settings.get_profile("any machine"),
            phases=(Phase.explicit, Phase.generate),
            database=None,
            derandomize=True,
        )
        settings.load_profile("mutants")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items.sort(key=lambda item: self._first.get(item.nodeid, len(self._first)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def root() -> Path:
    """The repository."""
    return Path(__file__).parents[2]
