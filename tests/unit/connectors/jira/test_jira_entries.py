"""Answers with change logs: decoded to what is looked at, they say what they say when decoded
whole, and are refused for the same reasons.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Json
from connectors.jira.changelog import Tracked, changes_of
from connectors.jira.entries import Entry, Malformed, found_with_logs, logs_in_bulk
from connectors.transport.decoding import TooDeep, decoded

ITEM = {"field": "status", "fieldtype": "jira", "from": "1", "fromString": "Open", "to": "2"}
AUTHOR = {"accountId": "u-1", "displayName": "Zoë", "avatarUrls": {"48x48": "a.svg"}}
HISTORY = {"id": "7", "created": "2026-03-05T11:00:00.250+0100", "author": AUTHOR, "items": [ITEM]}

words = st.sampled_from(["status", "Skills", "custom", "jira", "1", "[]", "", "\ud83d"]) | st.text()
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
odd = st.none() | st.booleans() | numbers | st.lists(words, max_size=2)
moments = st.sampled_from(["2026-03-05T11:00:00.250+0100", "2026-03-05", 1772704800250, 12])
items = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("field", "fieldId", "fieldtype", "from", "fromString", "to", "toString"), words | odd
    ),
)
authors = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("accountId", "name", "displayName", "avatarUrls"), words | odd)
)
histories = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["7", "8", 8, "x"]) | odd,
        "created": moments | odd,
        "items": st.lists(items | st.just(ITEM) | odd, max_size=3) | odd,
    },
    optional={"author": authors | words | odd},
)
logs = st.lists(histories | st.just(HISTORY), max_size=3)


def bulk(histories: Json) -> Json:
    log = {"issueId": "10001", "changeHistories": histories, "expand": "no"}
    return {"issueChangeLogs": [log], "nextPageToken": None, "total": {"no": [1]}}


def found(histories: Json) -> Json:
    log = {"startAt": 0, "total": 1, "histories": histories}
    fields: Json = {"summary": "Zoë", "status": {"id": "1"}, "cf": [1.5, None, {}]}
    issue = {"id": "10001", "key": "CE-1", "self": "…", "fields": fields, "changelog": log}
    return {"total": 1, "issues": [issue], "names": {}}


def entries_of(answer: Any) -> Json:
    if "issues" in answer:
        return answer["issues"][0]["changelog"]["histories"]
    return answer["issueChangeLogs"][0]["changeHistories"]


Shaped = pytest.mark.parametrize(
    ("answer", "shape"), [(bulk, logs_in_bulk), (found, found_with_logs)]
)


def said(entries: Json) -> Any:
    """The changes, or why there are none."""
    if not isinstance(entries, list):
        return "no list"
    tracked = Tracked({"status": "Status", "customfield_1": "Skills"}, frozenset())
    try:
        return changes_of(entries, tracked)
    except Malformed as error:
        return str(error)


@Shaped
@given(log=logs | st.lists(odd, max_size=2) | odd)
def test_an_answer_says_the_same_whichever_way_it_is_decoded(
    answer: Callable[[Json], Json], shape: Callable[[bytes], Json], log: Json
) -> None:
    body = json.dumps(answer(log)).encode()

    assert said(entries_of(decoded(body, shape))) == said(entries_of(decoded(body)))


@Shaped
def test_of_a_usual_answer_no_dict_is_made_for_an_entry(
    answer: Callable[[Json], Json], shape: Callable[[bytes], Json]
) -> None:
    read = decoded(json.dumps(answer([HISTORY])).encode(), shape)

    [entry] = entries_of(read)
    assert isinstance(entry, Entry)
    [change] = said([entry])
    assert (change.field, change.before, change.after_id) == ("status", "Open", "2")
    assert change.author.words == {"u-1", "zoë"}


def test_fields_are_what_they_are_when_decoded_whole() -> None:
    body = json.dumps(found([HISTORY])).encode()

    [shaped], [whole] = decoded(body, found_with_logs)["issues"], decoded(body)["issues"]

    assert {name: shaped[name] for name in ("id", "key", "fields")} == {
        name: whole[name] for name in ("id", "key", "fields")
    }


@pytest.mark.parametrize("name", ["errorMessages", "warningMessages"])
def test_a_complaint_beside_what_was_found_is_kept(name: str) -> None:
    body = json.dumps(found([]) | {name: ["no project CE"]}).encode()

    assert decoded(body, found_with_logs)[name] == ["no project CE"]


@Shaped
@pytest.mark.parametrize("place", ["entry", "beside"])
def test_levels_are_counted_also_in_what_is_not_looked_at(
    answer: Callable[[Json], Json], shape: Callable[[bytes], Json], place: str
) -> None:
    history = HISTORY | ({"historyMetadata": "HERE"} if place == "entry" else {})
    sent = answer([history]) | ({"names": "HERE"} if place == "beside" else {})
    body = json.dumps(sent).encode().replace(b'"HERE"', b"[" * 5_000 + b"]" * 5_000)

    with pytest.raises(TooDeep) as caught:
        decoded(body, shape)

    assert not isinstance(caught.value.__cause__, RecursionError)


@Shaped
def test_what_is_no_utf_8_is_refused_also_where_it_is_not_looked_at(
    answer: Callable[[Json], Json], shape: Callable[[bytes], Json]
) -> None:
    body = json.dumps(answer([HISTORY | {"historyMetadata": "HERE"}])).encode()

    with pytest.raises(UnicodeDecodeError):
        decoded(body.replace(b"HERE", b"\xff"), shape)


def test_an_author_of_many_levels_names_nobody_and_harms_nobody() -> None:
    # orjson reads a thousand levels and writes 254
    nested = json.loads('{"a":' * 300 + "1" + "}" * 300)
    history = HISTORY | {"author": {"name": 7} | nested, "created": 1772704800250, "id": 7}

    [change] = said([history])

    assert change.author is None
