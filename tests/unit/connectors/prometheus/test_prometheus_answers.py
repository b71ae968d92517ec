"""What an answer of Prometheus's query API is taken for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import BadAnswer, QueryRefused, UpstreamError
from connectors.prometheus.answers import Notes, classify, sample_of

LABEL = "src: POST /api/v1/query"
PART_ONLY = "the server calls its answer partial (isPartial)"


def success(kind: Any, result: Any, **more: Any) -> Any:
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


def series(value: Any, **labels: str) -> Any:
    return {"metric": labels, "value": [1768473000.5, value]}


def sample(answer: Any) -> Any:
    return sample_of(LABEL, answer, str)


def test_a_vector_of_one_series_is_its_value() -> None:
    found = sample(success("vector", [series("0.97", job="a")]))

    assert (found.value, found.text, found.timestamp) == (0.97, "0.97", 1768473000.5)


def test_a_scalar_is_its_value() -> None:
    assert sample(success("scalar", [1768473000, "3e2"])).value == 300.0


def test_zero_is_a_value() -> None:
    assert sample(success("vector", [series("0")])).value == 0.0


def test_an_empty_vector_is_no_data_and_not_zero() -> None:
    found = sample(success("vector", []))

    assert (found.value, found.text, found.timestamp) == (None, None, None)


@pytest.mark.parametrize("text", ["NaN", "+Inf", "-Inf", "Inf"])
def test_what_is_not_finite_is_unknown_and_kept_as_it_was_written(text: str) -> None:
    found = sample(success("vector", [series(text)]))

    assert (found.value, found.text) == (None, text)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            success(
                "vector",
                [series("1", instance="a", job="x"), series("2", instance="b", job="x")] * 2,
            ),
            "gives 4 series where one is due (they differ in instance); fix: aggregate them",
        ),
        (
            success("vector", [series("1", a="1", b="1"), series("2", b="2")]),
            "gives 2 series where one is due (they differ in a, b); fix",
        ),
        (
            success("vector", [series("1"), series("2")]),
            "gives 2 series where one is due; fix: aggregate them, such as sum(...)",
        ),
        (
            success("matrix", [{"metric": {}, "values": [[1, "1"]]}]),
            "gives a range of samples where one number is due; fix: put a function over the range",
        ),
        (success("matrix", []), "range of samples"),
        (success("string", [1, "text"]), "gives a string where a number is due"),
        (
            success("vector", [{"metric": {}, "histogram": [1, {"count": "1"}]}]),
            "native histogram where a number is due; fix: take histogram_quantile(0.9, ...)",
        ),
    ],
)
def test_a_query_of_another_shape_is_refused_with_what_to_write(answer: Any, words: str) -> None:
    with pytest.raises(QueryRefused) as caught:
        sample(answer)

    assert str(caught.value).startswith(f"{LABEL}: the query gives ")
    assert words in str(caught.value)


def test_label_values_are_not_told() -> None:
    with pytest.raises(QueryRefused) as caught:
        sample(success("vector", [series("1", user="alice"), series("1", user="bob")]))

    assert "alice" not in str(caught.value)


NO_STATUS = "not an answer of the Prometheus API: it has no status"
NO_RESULT = "the answer has no data.result"
NO_KIND = "the answer's resultType is none of vector, scalar"
NO_OBJECT = "a series of the answer is no object"
NO_SAMPLE = "a sample of the answer is not [timestamp, value as text]"
NO_NUMBER = "the value of a sample is not a number"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, NO_STATUS),
        ([], NO_STATUS),
        ({}, NO_STATUS),
        ({"status": "ok"}, NO_STATUS),
        ({"status": "success"}, NO_RESULT),
        ({"status": "success", "data": None}, NO_RESULT),
        ({"status": "success", "data": {"resultType": "vector"}}, NO_RESULT),
        (success("vector", None), NO_KIND),
        (success("table", []), NO_KIND),
        (success(None, []), NO_KIND),
        (success("vector", [None]), NO_OBJECT),
        (success("vector", [{}]), NO_SAMPLE),
        (success("vector", [{"metric": {}, "value": [1]}]), NO_SAMPLE),
        (success("vector", [{"metric": {}, "value": [1, 2.0]}]), NO_SAMPLE),
        (success("vector", [{"metric": {}, "value": ["1", "2"]}]), NO_SAMPLE),
        (success("vector", [{"metric": {}, "value": [True, "2"]}]), NO_SAMPLE),
        (success("scalar", []), NO_SAMPLE),
        (success("scalar", [10**400, "1"]), NO_SAMPLE),
        (success("scalar", [float("inf"), "1"]), NO_SAMPLE),
        (success("scalar", [1e12, "1"]), NO_SAMPLE),
        (success("scalar", [-1e12, "1"]), NO_SAMPLE),
        (success("vector", [series("12 apples")]), NO_NUMBER),
        (success("vector", [series("")]), NO_NUMBER),
        ({"status": "error"}, "an error without words"),
        ({"status": "error", "errorType": "new", "error": "x"}, "x"),
    ],
)
def test_a_shape_that_is_not_the_protocols_is_a_bad_answer(answer: Any, words: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        sample(answer)

    assert str(caught.value) == f"{LABEL}: {words}"


def test_the_labels_by_which_many_series_differ_are_named_and_not_all_of_them() -> None:
    def told(*metrics: Any) -> str:
        with pytest.raises(QueryRefused) as caught:
            sample(success("vector", [{"metric": metric, "value": [1, "1"]} for metric in metrics]))
        return str(caught.value).partition("is due")[2].partition("; fix")[0]

    long = "l" * 50
    four, five = (dict.fromkeys(names, "1") for names in ("abcd", "abcde"))
    assert told({long: "1"}, {}) == f" (they differ in {'l' * 40})"
    assert told(four, {}) == " (they differ in a, b, c, d)"
    assert told(five, {}) == " (they differ in a, b, c, d, …)"
    assert told({"a": "1"}, None) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["metric", "value", "data", "result", "status", "error"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from(["vector", "scalar", "matrix", "string"]) | JSON, JSON, JSON)
def test_any_json_is_a_sample_or_an_upstream_error(kind: Any, result: Any, warnings: Any) -> None:
    try:
        found = sample(success(kind, result, warnings=warnings))
    except UpstreamError:
        return
    assert found.value is None or isinstance(found.value, float)


def test_warnings_and_infos_are_kept_apart() -> None:
    answer = success("vector", [series("1")], warnings=["partial"], infos=["not a counter"])

    found = sample(answer)

    assert (found.notes.warnings, found.notes.infos) == (("partial",), ("not a counter",))


@pytest.mark.parametrize(("said", "words"), [(True, [PART_ONLY]), (False, []), (1, []), (None, [])])
def test_an_answer_that_calls_itself_partial_is_one(said: Any, words: list[str]) -> None:
    found = sample(success("vector", [series("1")], isPartial=said, warnings=["a store is away"]))

    assert list(found.notes.warnings) == [*words, "a store is away"]


@pytest.mark.parametrize(
    ("notes", "evidence"),
    [
        (Notes(), {}),
        (Notes(("a",)), {"warnings": ["a"]}),
        (Notes(infos=("b",)), {"infos": ["b"]}),
        (Notes(("a",), ("b",)), {"warnings": ["a"], "infos": ["b"]}),
    ],
)
def test_the_remarks_that_there_are_are_evidence(notes: Notes, evidence: dict[str, Any]) -> None:
    assert notes.evidence() == evidence


def test_of_many_warnings_a_few_are_kept() -> None:
    found = sample(success("vector", [], warnings=[f"store {n} down" for n in range(1000)]))

    assert len(found.notes.warnings) == 5


@pytest.mark.parametrize(
    ("error_type", "status", "ours"),
    [
        ("bad_data", 400, "query_refused"),
        ("execution", 422, "query_refused"),
        ("timeout", 503, "timeout"),
        ("canceled", 503, "timeout"),
        ("internal", 500, "server_error"),
        ("unavailable", 503, "server_error"),
        ("not_found", 404, "not_found"),
        ("not_acceptable", 406, "query_refused"),
        ("unauthorized", 400, "unauthorised"),
    ],
)
def test_an_error_answer_is_read_by_its_error_type(error_type: str, status: int, ours: str) -> None:
    found = classify(status, {"status": "error", "errorType": error_type, "error": "x"})

    assert found is not None
    assert found.error_type == ours


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"errorType": "bad_data"}),
        (403, {"errorType": "execution"}),
        (429, {"errorType": "internal"}),
        (422, {"errorType": "422"}),
        (422, {"errorType": None}),
        (422, {"errorType": ["bad_data"]}),
        (404, None),
        (500, ["x"]),
    ],
)
def test_what_names_no_known_type_is_left_to_its_status(status: int, body: Any) -> None:
    assert classify(status, body) is None


def test_an_error_with_200_is_still_an_error() -> None:
    with pytest.raises(QueryRefused, match="unknown function"):
        sample({"status": "error", "errorType": "bad_data", "error": "unknown function"})
