"""What is made wrong, and which tests must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_CONNECTORS = "tests/unit/connectors"


@dataclass(frozen=True)
class Subject:
    """A module and the tests that are asked about it, in this order: files or folders."""

    module: str
    tests: tuple[str, ...]

    def files(self, root: Path) -> list[str]:
        """The files of those tests, from the root of the repository."""
        found: list[str] = []
        for test in self.tests:
            below = sorted((root / test).glob("test_*.py"))
            found += [str(path.relative_to(root)) for path in below] or [test]
        # whatever takes long comes last, so that what the others notice does not wait for it
        return sorted(dict.fromkeys(found), key=lambda test: test in _LONG)


def _each(room: str, modules: str, tests: tuple[str, ...]) -> list[Subject]:
    return [Subject(f"{room}.{name}", tests) for name in modules.split()]


def _of(kind: str, names: str) -> tuple[str, ...]:
    return tuple(f"{_CONNECTORS}/{kind}/test_{kind}_{name}.py" for name in names.split())


_LONG = frozenset(
    f"tests/unit/assess/test_{name}.py" for name in ("forecast_kept", "judgement_properties")
)
_ASSESS = (
    *(f"tests/unit/assess/test_{name}.py" for name in ("judgement_reference", "status_rules")),
    "tests/unit/assess",
)
_IDENTITIES = (f"{_CONNECTORS}/test_identities.py",)
_WAITS = (f"{_CONNECTORS}/test_waiting.py", *_of("netbox", "latency"))

SUBJECTS: tuple[Subject, ...] = (
    *_each(
        "syncd.assess",
        "adjusting adjustment_words assessment counted_up counting course critical_path"
        " dependency_words edits forecast forecast_words formula holding line marks milestone_words"
        " milestones reason rollup standing status trend whole_counts",
        _ASSESS,
    ),
    *_each("syncd.compose", "combination composed coverage keys", ("tests/unit/compose",)),
    *_each(
        "syncd.hygiene",
        "dating depending finding measuring owning rules sarif sharing wanting written",
        ("tests/unit/hygiene",),
    ),
    *_each("syncd.doubting", "kinds numbers spells words", ("tests/unit/doubting",)),
    *_each("connectors.jira", "judges", (*_of("jira", "judges measures sets"), *_IDENTITIES)),
    *_each(
        "connectors.jira",
        "verdicts",
        (*_of("jira", "judges durations_judge numbers sets"), *_IDENTITIES),
    ),
    *_each("connectors.jira", "number_judges", (*_of("jira", "numbers"), *_IDENTITIES)),
    *_each("connectors.jira", "set_judges", (*_of("jira", "sets"), *_IDENTITIES)),
    *_each(
        "connectors.jira",
        "durations sla",
        (*_of("jira", "durations_judge agreements"), *_IDENTITIES),
    ),
    *_each("connectors.jira", "points", _of("jira", "points durations_judge sets")),
    *_each("connectors.jira", "rates", (*_of("jira", "numbers_rates"), *_IDENTITIES)),
    *_each("connectors.jira", "milestones", (*_of("jira", "milestones"), *_IDENTITIES)),
    *_each("connectors.netbox", "judges", (*_of("netbox", "judges keys_and_drift"), *_IDENTITIES)),
    *_each("connectors.netbox", "conditions", _of("netbox", "conditions")),
    *_each("connectors.netbox", "counting", _of("netbox", "counting")),
    *_each("connectors.netbox", "keys drift", (*_of("netbox", "keys_and_drift"), *_IDENTITIES)),
    *_each("connectors.netbox", "latency", (*_of("netbox", "latency"), *_IDENTITIES)),
    *_each("connectors.netbox", "patterns", (*_of("netbox", "patterns"), *_IDENTITIES)),
    *_each("connectors.prometheus", "aggregates", _of("prometheus", "aggregates")),
    *_each("connectors.prometheus", "grids", _of("prometheus", "grids")),
    *_each("connectors.prometheus", "windows", _of("prometheus", "windows")),
    *_each("connectors.prometheus", "answers", _of("prometheus", "answers lines")),
    *_each("connectors.prometheus", "good", _of("prometheus", "good")),
    *_each("connectors", "waiting", _WAITS),
    *_each("connectors", "business", (f"{_CONNECTORS}/test_business.py", *_WAITS)),
)
