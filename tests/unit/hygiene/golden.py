"""What is found in the shipped mapping files, kept with the reason why each is right.

`python -m tests.unit.hygiene.golden` writes the file anew and keeps the reasons; a finding that is
new has none, and the test says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML

from syncd.hygiene import Finding
from tests.unit.hygiene.examined import HERE, SHIPPED, examined

GOLDEN = HERE / "q1-2026.golden.yaml"
REASONS = ("cites", "ours")
_HEAD = """\
What hygiene finds in mappings/q1-2026, and why that is right: `cites` is what the organisation's
summary of the quarter says of it, `ours` is a reason of our own. Written anew, the reasons kept,
by: python -m tests.unit.hygiene.golden
"""

Entry = dict[str, str]


def entry(finding: Finding) -> Entry:
    """What is kept of a finding: all but its lines, which move with every edit."""
    others = " ".join(subject.name for subject, _ in finding.others)
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "about": finding.subject.name,
        **({"and": others} if others else {}),
        "says": finding.says,
        "fix": finding.fix,
    }


def without_reason(kept: Entry) -> Entry:
    """The entry as the finding alone gives it."""
    return {key: value for key, value in kept.items() if key not in REASONS}


def read(path: Path = GOLDEN) -> Sequence[Entry]:
    """The entries of the file."""
    entries: list[Entry] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return entries


def _write() -> None:
    reasons = {
        (it["rule"], it["about"], it.get("and")): {k: it[k] for k in REASONS if k in it}
        for it in (read() if GOLDEN.exists() else ())
    }
    entries = [
        it | reasons.get((it["rule"], it["about"], it.get("and")), {})
        for it in map(entry, examined(SHIPPED))
    ]
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=2, offset=0)
    with GOLDEN.open("w", encoding="utf-8") as file:
        file.writelines(f"# {line}\n" for line in _HEAD.splitlines())
        yaml.dump(entries, file)


if __name__ == "__main__":
    _write()
