"""The page of what goes wrong, made of the errors and reasons that the code has."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum

from connectors.errors import UpstreamError
from deploy.reference.tables import MADE, code, sentence, table
from syncd.measuring import Unexpected
from syncd.model import DoubtKind
from syncd.store.publish import Shrunk
from syncd.store.trouble import Trouble, advice

HEAD = f"""\
# Errors

{MADE}
What a command ends with is in [exit status](exit-status.md), what the API refuses in
[the API](api.md#what-is-refused), what each fault of an upstream becomes in [faults](faults.md),
and what the log says of them in [logs](../guide/logs.md). `syncd doctor` looks for what is wrong
and [says how to mend it](../guide/doctor.md).

"""
UPSTREAM: list[type[UpstreamError]] = [
    one for one in UpstreamError.__subclasses__() if one.__module__ == UpstreamError.__module__
]
"""Those of the connectors; the rest are syncd's own."""
FAULTS: list[type[UpstreamError]] = [*UPSTREAM, Shrunk, Unexpected]


def errors_page() -> str:
    """docs/reference/errors.md."""
    return (
        f"{HEAD}## Of a source\n\n"
        "`error_type` in [metrics](metrics.md), log, feed, API and pages. *Tried again*: at once, "
        "as often as `attempts`\nsays. *The source*: after three such runs in a row it is left "
        "alone for a while.\n\n"
        + table(
            ("`error_type`", "meaning", "tried again", "the source"),
            (
                (
                    code(one.error_type),
                    sentence(inspect.getdoc(one) or ""),
                    "yes" if one.retryable else "",
                    "yes" if one.of_source else "",
                )
                for one in FAULTS
            ),
        )
        + "## Of the store\n\nWhat syncd says when it cannot be read or written.\n\n"
        + table(
            ("trouble", "what is said"), ((code(one), sentence(advice(one))) for one in Trouble)
        )
        + "## Of a number\n\nWhy one [is not believed](../guide/doubt.md).\n\n"
        + table(("kind", "meaning"), remarked(DoubtKind))
    ).rstrip("\n") + "\n"


def remarked(reasons: type[Enum]) -> Iterator[tuple[str, str]]:
    """The words of an enumeration, and what is remarked beside each. Raises ValueError for one
    without a remark.
    """
    source = inspect.getsource(reasons)
    for one in reasons:
        found = re.search(rf"^    {one.name} = .*  # (.+)$", source, re.MULTILINE)
        if found is None:
            raise ValueError(f"{one} has no remark")
        yield (
            code(one.value if isinstance(one.value, str) else one.name.lower()),
            sentence(found[1]),
        )
