"""The rules as a page of the documentation: ``python -m syncd.hygiene.reference``."""

from __future__ import annotations

import sys

from syncd.hygiene.finding import Rule
from syncd.hygiene.rules import RULES

_BEFORE = """\
# Hygiene

<!-- Written by `python -m syncd.hygiene.reference > docs/reference/hygiene.md`. -->

Mapping files can be sound and still leave open who answers, what is wanted, or which of two dates
holds. `syncd check` tells it, after the faults (a mapping with faults is refused, and its hygiene
is not looked at):

```sh
syncd --mappings mappings/q1-2026 check            # text, by rule, each with its place and its mend
syncd --mappings mappings/q1-2026 check --json     # for scripts: faults and findings
syncd --mappings mappings/q1-2026 check --sarif    # SARIF 2.1.0, for the lines of a pull request
syncd --mappings mappings/q1-2026 check --strict   # exit 1 on errors and warnings, for CI
```

Findings alone leave the exit status 0 without `--strict`. Addresses in SARIF are relative to where
the command is run, so run it at the root of the repository.

- **error**: two things that are said cannot both be so.
- **warning**: something is left open that somebody will miss.
- **note**: worth knowing; it may well be meant.

What a duplicate takes from its other is looked at there, once. Key results that were given up or
carried over are passed over.

| rule | severity | what it finds |
|---|---|---|
"""


def reference() -> str:
    """The page, in Markdown."""
    rows = "".join(f"| [{it.id}](#{it.id}) | {it.severity} | {it.title} |\n" for it in RULES)
    return _BEFORE + rows + "".join(_section(rule) for rule in RULES)


def _section(rule: Rule) -> str:
    return f"\n## {rule.id}\n\n{rule.title}. {rule.why}\n\n**Fix.** {rule.fix}\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
