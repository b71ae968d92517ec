"""What is read of strangers' bytes without a server or a store: functions that take any bytes, and
either read them or refuse them in the words that their callers wait for. Anything else is a fault.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from connectors.jira import connector as jira
from connectors.jira.jql import checked, moves_with_time, within, without_order
from connectors.jira.jql_tree import JqlError
from connectors.jira.jql_tree import parse as parse_jql
from connectors.netbox import connector as netbox
from connectors.netbox.patterns import NotAlike, finds
from connectors.prometheus.promql import selector, witnesses
from connectors.quantity import parse_duration
from connectors.transport.decoding import decoded
from tests.unit.mapping.mutations import GOOD
from tests.unit.mapping.stand_in_measures import load_folder

T = TypeVar("T")
LONGEST_FAULT = 1_000
ROOT = Path(__file__).parents[2]


def text_of(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def refused(read: Callable[[], T], by: type[Exception]) -> T | None:
    """What is read; None where it is refused, in a few words."""
    words = ""
    try:
        return read()
    except by as error:
        words = str(error)
    assert 0 < len(words) < LONGEST_FAULT
    return None


def mapping(data: bytes) -> None:
    """A mapping file is in force, or refused by faults that name it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in ("organisation.yaml", "variables.yaml"):
            (folder / name).write_bytes((GOOD / name).read_bytes())
        (folder / "stranger.yaml").write_bytes(data)
        loaded = load_folder(folder)
    assert (loaded.catalogue is None) == bool(loaded.faults)
    for fault in loaded.faults:
        words = str(fault)
        assert words.isprintable()
        assert len(words) < LONGEST_FAULT
        words.encode()


def jql(data: bytes) -> None:
    """What is taken as conditions cannot leave the parentheses that it is put into."""
    text = text_of(data)
    try:
        conditions = checked(without_order(text))
    except ValueError:
        return
    moves_with_time(conditions)
    assert checked(within(conditions, "key = A-1")) == f"({conditions}) AND (key = A-1)"


def jql_tree(data: bytes) -> None:
    """A saved filter's query is taken apart, or said to be none."""
    refused(lambda: parse_jql(text_of(data)), JqlError)


def promql(data: bytes) -> None:
    """A query's witnesses and a selector are found, or it is said that they cannot be."""
    text = text_of(data)
    witnesses(text)
    refused(lambda: selector(text), ValueError)


def answer(data: bytes) -> None:
    """An answer is JSON that can be written again, or none."""
    try:
        found = decoded(data)
    except ValueError:
        return
    json.dumps(found, ensure_ascii=False).encode()


def notice(data: bytes) -> None:
    """A signed notice concerns something or not, and an unsigned one is nobody's."""
    try:
        told = decoded(data)
    except ValueError:
        return
    for connector in (jira, netbox):
        assert connector.hook is not None
        assert not connector.hook.authentic("secret", {"x-hub-signature": text_of(data)}, data)
        touches = connector.hook.touches(
            {"jql": "project = CE", "endpoint": "dcim.devices"}, [], told
        )
        assert touches in (True, False)


def duration(data: bytes) -> None:
    """A duration in an option is so many seconds, or refused."""
    seconds = refused(lambda: parse_duration(text_of(data)), ValueError)
    assert seconds is None or seconds >= 0


def expression(data: bytes) -> None:
    """A regular expression of a filter is run in the time that its text needs, or not at all."""
    pattern, _, text = text_of(data).partition("\n")
    try:
        finds(pattern.encode("utf-8", "replace").decode(), folded=True)(
            text.encode("utf-8", "replace").decode()
        )
    except NotAlike:
        return


Target = Callable[[bytes], None]


def _mappings() -> Iterable[bytes]:
    for folder in (GOOD, ROOT / "mappings"):
        yield from (file.read_bytes() for file in sorted(folder.rglob("*.yaml")))


_WORDS: Mapping[str, Iterable[bytes]] = {
    "jql": [
        b'project = CE AND status in (Done, "In Progress") ORDER BY created',
        b"updated >= -1d or labels is empty and not (a ~ 'b\\'c')",
        b"status was Done during (startOfMonth(-1), now()) by currentUser()",
    ],
    "promql": [
        b'sum by (a) (rate(http_total{code=~"5..",job!="x"}[5m] offset 1h)) / 2 > bool 0',
        b"count_over_time((up == 0)[1d:5m]) unless on (a) absent(b) # c",
        b'histogram_quantile(0.99, sum(rate({__name__="b_bucket"}[30m])) by (le))',
    ],
    "answer": [b'{"a": [1, -2.5e3, null, true, "\\ud83d\\u0000"]}'],
    "notice": [
        b'{"webhookEvent": "jira:issue_updated", "issue": {"fields": {"project": {"key": "CE"}}}}',
        b'{"event": "updated", "object_type": "dcim.device", "data": {"id": 1}, "snapshots": {}}',
    ],
    "duration": [b"1 h 30 min", b"2 d"],
    "expression": [b"^(a+)+$\naaaa", b"[[:alpha:]]{2,5}\\d\nab1"],
}

TARGETS: Mapping[str, Target] = {
    "mapping": mapping,
    "jql": jql,
    "jql_tree": jql_tree,
    "promql": promql,
    "answer": answer,
    "notice": notice,
    "duration": duration,
    "expression": expression,
}


def seeds(name: str) -> list[bytes]:
    """What the search for a target begins with."""
    if name == "mapping":
        return list(_mappings())
    return list(_WORDS["jql" if name == "jql_tree" else name])
