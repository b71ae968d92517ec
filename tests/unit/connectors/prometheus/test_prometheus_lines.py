"""What answers of many moments or many labels are taken for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import BadAnswer, QueryRefused, UpstreamError
from connectors.prometheus.answers import Notes, labels_of, line_of

LABEL = "src: POST /api/v1/query_range"


def success(kind: Any, *series: Any, **more: Any) -> Any:
    return {"status": "success", "data": {"resultType": kind, "result": list(series)}, **more}


def curve(values: dict[float, str], **labels: str) -> Any:
    return {"metric": labels, "values": [[moment, text] for moment, text in values.items()]}


def line(*series: Any, **more: Any) -> Any:
    return line_of(LABEL, success("matrix", *series, **more), str)


def sets(answer: Any) -> Any:
    return labels_of(LABEL, answer, str, "cluster")


# --------------------------------------------------------------------------------------------- line


def test_a_line_is_the_finite_values_by_moment() -> None:
    found = line(curve({10: "1", 70.5: "2e3", 130: "NaN", 190: "+Inf"}), warnings=["store down"])

    assert found.values == {10_000: 1.0, 70_500: 2000.0}
    assert found.notes == Notes(warnings=("store down",))


def test_series_that_follow_each_other_are_one_line() -> None:
    found = line(curve({10: "1"}, pod="a"), curve({70: "2"}, pod="b"), curve({130: "3"}, pod="a"))

    assert found.values == {10_000: 1.0, 70_000: 2.0, 130_000: 3.0}


@pytest.mark.parametrize("text", ["2", "NaN"])
def test_two_series_at_one_moment_are_refused_even_if_one_is_not_a_number(text: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        line(curve({10: "1", 70: "1"}, pod="a"), curve({70: text}, pod="b"))

    assert str(caught.value) == (
        f"{LABEL}: the query gives several series at 1970-01-01 00:01 UTC where one is due (they "
        "differ in pod); fix: aggregate them, such as sum(...), min(...) or max(...), or select "
        "one by its labels"
    )


def test_no_series_is_an_empty_line() -> None:
    assert line().values == {}


# ------------------------------------------------------------------------------------------- labels


def test_the_values_of_a_label_at_once_and_over_time() -> None:
    at_once = success(
        "vector",
        {"metric": {"cluster": "c1"}, "value": [5, "3"]},
        {"metric": {"cluster": "c2"}, "value": [5, "0"]},
    )
    over_time = success(
        "matrix", curve({5: "1", 65: "1"}, cluster="c1"), curve({65: "NaN"}, cluster="c2")
    )

    assert sets(at_once).values == {5000: {"c1", "c2"}}
    assert sets(over_time).values == {5000: {"c1"}, 65_000: {"c1", "c2"}}


@pytest.mark.parametrize("metric", [{}, {"cluster": ""}, {"host": "a"}])
def test_a_series_without_the_label_is_refused(metric: Any) -> None:
    with pytest.raises(QueryRefused) as caught:
        sets(success("vector", {"metric": metric, "value": [5, "1"]}))

    assert str(caught.value) == (
        f"{LABEL}: the query gives series without the label cluster; fix: key: a label that all of "
        'them have, or leave those out with {cluster!=""}'
    )


# ------------------------------------------------------------------------------------- wrong shapes


@pytest.mark.parametrize("take", [lambda a: line_of(LABEL, a, str), sets], ids=["line", "labels"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": "success"}, BadAnswer),
        (success("scalar", 1, "1"), BadAnswer),
        ({"status": "success", "data": {"resultType": "matrix", "result": {}}}, BadAnswer),
        (success("matrix", 5), BadAnswer),
        (success("matrix", {"metric": {"cluster": "a"}, "values": "x"}), BadAnswer),
        (success("matrix", curve({5: "x"}, cluster="a") | {"values": [[5]]}), BadAnswer),
        (success("matrix", {"metric": {"cluster": "a"}, "histograms": []}), QueryRefused),
        (success("vector", {"metric": {"cluster": "a"}, "histogram": []}), QueryRefused),
        ({"status": "error", "errorType": "bad_data", "error": "parse error"}, QueryRefused),
    ],
)
def test_what_is_not_the_protocol_is_said(take: Any, answer: Any, error: Any) -> None:
    with pytest.raises(error, match=r"^src: POST /api/v1/query_range: "):
        take(answer)


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "data", "resultType", "result", "metric", "values", "value"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json, st.sampled_from(["vector", "matrix"]))
def test_whatever_comes_is_an_answer_or_an_upstream_error(value: Any, kind: str) -> None:
    for answer in (value, success(kind, value), success(kind, {"metric": value, "values": value})):
        for take in (lambda a: line_of(LABEL, a, str), sets):
            try:
                take(answer)
            except UpstreamError as error:
                assert str(error).startswith(LABEL)  # noqa: PT017  either outcome is right


@given(st.lists(st.text(min_size=1, max_size=3), max_size=9))
def test_remarks_of_several_answers_are_kept_once_and_few(texts: list[str]) -> None:
    notes = Notes()
    for text in texts:
        notes += Notes(warnings=(text,))

    assert len(notes.warnings) <= 5
    assert len(set(notes.warnings)) == len(notes.warnings)
    assert bool(notes.warnings) == bool(texts)
