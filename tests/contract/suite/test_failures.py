"""What every connector does of a healthy upstream and of one that fails, over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pytest

from connectors.base import Session, UpstreamError
from tests.contract import faults
from tests.contract.expectations import FAULTS, PASSING, STALE
from tests.contract.faces import CALLS, SOURCE, Face, Recorder, all_faces, exercises, measure
from tests.contract.faultserver import FaultServer, Reply, Request, Wire
from tests.contract.suite.world import apart, assert_safe, call_by_call, face_by_face, hidden_values

LONG_WAITS = {
    "seconds": ("1847", 1847.0),
    "fraction": ("1847.5", 1847.5),
    "date": ("Thu, 15 Jan 2026 11:30:00 GMT", 3600.0),
    "absurdly large": ("9" * 200, 86_400.0),
}
MEASURED = [(face, "measure") for face in all_faces()]


def thinned(
    exercised: Sequence[tuple[Face, str]], names: Iterable[str]
) -> Iterator[tuple[Face, str, str, tuple[pytest.MarkDecorator, ...]]]:
    """Every exercise with every fault, and the marks of each. What a connector does of a fault is
    mostly the transport's, which all faces share: the first face of those that open their source
    alike meets all of them, each of the others every tenth one, in turn. The rest are long.
    """
    known, first = list(names), {id(face) for face, call in exercises() if call == "identify"}
    for place, (face, call) in enumerate(exercised):
        for number, name in enumerate(known):
            kept = id(face) in first or (place + number) % 10 == 0
            yield face, call, name, (apart(face), *(() if kept else (pytest.mark.long,)))


@face_by_face
def test_a_healthy_upstream_is_identified_and_measured(face: Face, session: Session) -> None:
    assert isinstance(session, Session)
    identity = CALLS["identify"](session, face.plan)
    assert identity.account
    assert identity.version
    assert measure(session, face.plan)
    assert hidden_values(face).isdisjoint({identity.account, identity.version})


@face_by_face
def test_measuring_twice_gives_the_same(face: Face, session: Session) -> None:
    assert measure(session, face.plan) == measure(session, face.plan)


@face_by_face
def test_opening_and_linking_ask_nothing(
    face: Face, session: Session, server: FaultServer, recorder: Recorder
) -> None:
    link = session.link(face.plan)

    assert server.requests == []
    assert recorder.exchanges == []
    assert not any(value in (link or "") for value in hidden_values(face))


@call_by_call
def test_every_request_carries_the_configured_headers(
    face: Face, session: Session, server: FaultServer, call: Callable[..., Any]
) -> None:
    call(session, face.plan)

    for request in server.requests:
        for name, value in face.headers.items():
            assert request.headers[name.lower()] == value


@face_by_face
def test_the_observer_is_told_of_every_request(
    face: Face, session: Session, server: FaultServer, recorder: Recorder
) -> None:
    measure(session, face.plan)

    told = [(exchange.method, exchange.path) for exchange in recorder.exchanges]
    assert sorted(told) == sorted((asked.method, asked.path) for asked in server.requests)
    for exchange in recorder.exchanges:
        assert exchange.source == SOURCE
        assert exchange.status == 200
        assert exchange.error_type is None
        assert exchange.attempt == 1
        assert exchange.bytes_received > 0
        assert exchange.seconds >= 0


@pytest.mark.parametrize(
    ("face", "call", "fault"),
    [
        pytest.param(face, CALLS[call], fault, marks=marks, id=f"{fault}-{call}-{face.name}")
        for face, call, fault, marks in thinned(exercises(), FAULTS)
    ],
)
def test_a_fault_from_the_first_request_on_becomes_its_error(
    face: Face,
    session: Session,
    server: FaultServer,
    recorder: Recorder,
    call: Callable[..., Any],
    fault: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    program, error_type = FAULTS[fault]
    server.fail(program)

    with caplog.at_level("DEBUG"), pytest.raises(UpstreamError) as caught:
        call(session, face.plan)

    assert_is(caught.value, face, fault, error_type)
    assert_safe(caught.value, face, server)
    assert not any(value in caplog.text for value in hidden_values(face))
    assert recorder.exchanges


@pytest.mark.parametrize(
    ("face", "fault"),
    [
        pytest.param(face, fault, marks=marks, id=f"{fault}-{face.name}")
        for face, _, fault, marks in thinned(MEASURED, FAULTS)
    ],
)
def test_a_fault_on_a_later_request_becomes_its_error(
    face: Face, session: Session, server: FaultServer, fault: str
) -> None:
    program, error_type = FAULTS[fault]
    server.fail(program, first=last_request(face, session, server))

    with pytest.raises(UpstreamError) as caught:
        measure(session, face.plan)

    assert_is(caught.value, face, fault, error_type)
    assert_safe(caught.value, face, server)


@pytest.mark.parametrize(
    ("face", "fault"),
    [
        pytest.param(face, fault, marks=marks, id=f"{fault}-{face.name}")
        for face, _, fault, marks in thinned(MEASURED, PASSING)
    ],
)
def test_a_fault_that_passes_is_survived(
    face: Face, session: Session, server: FaultServer, recorder: Recorder, fault: str
) -> None:
    expected = measure(session, face.plan)
    number = len(server.requests) + 1
    server.fail(PASSING[fault], first=number, last=number)

    assert measure(session, face.plan) == expected
    assert [exchange.attempt for exchange in recorder.exchanges].count(2) == 1


@face_by_face
@pytest.mark.parametrize("fault", STALE)
def test_a_kept_connection_that_the_server_closes_is_replaced(
    face: Face, session: Session, server: FaultServer, fault: str
) -> None:
    expected = measure(session, face.plan)
    number = len(server.requests) + 1
    server.fail(STALE[fault], first=number, last=number)

    again = [measure(session, face.plan) for _ in range(2)]

    assert again == [expected, expected]
    peers = [request.peer for request in server.requests]
    assert peers[number - 1] not in peers[number:]


@face_by_face
def test_the_observer_is_told_of_each_failed_attempt(
    face: Face, session: Session, server: FaultServer, recorder: Recorder
) -> None:
    server.fail(faults.status(502))

    with pytest.raises(UpstreamError):
        measure(session, face.plan)

    told = [(e.attempt, e.status, e.error_type) for e in recorder.exchanges]
    assert told == [(1, 502, "server_error"), (2, 502, "server_error")]


@face_by_face
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", LONG_WAITS)
def test_a_wait_beyond_the_deadline_is_not_begun(
    face: Face, patient_session: Session, server: FaultServer, status: int, form: str
) -> None:
    header, seconds = LONG_WAITS[form]
    server.fail(faults.status(status, Retry_After=header))

    with pytest.raises(UpstreamError) as caught:
        measure(patient_session, face.plan)

    assert caught.value.error_type == {429: "rate_limited", 503: "server_error"}[status]
    assert caught.value.retry_after_seconds == seconds
    assert len(server.requests) == 1


@face_by_face
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_what_another_try_cannot_mend_is_asked_once(
    face: Face, session: Session, server: FaultServer, status: int
) -> None:
    asked: list[tuple[str, str]] = []

    def fault(wire: Wire, request: Request, reply: Reply) -> None:
        asked.append((request.method, request.path))
        faults.status(status)(wire, request, reply)

    server.fail(fault)
    with pytest.raises(UpstreamError):
        measure(session, face.plan)

    assert len(asked) == len(set(asked))


@call_by_call
def test_an_address_where_nobody_listens_is_unreachable(
    face: Face, recorder: Recorder, call: Callable[..., Any]
) -> None:
    with faults.refusing_url() as url:
        session = face.open(url, recorder)
        with pytest.raises(UpstreamError) as caught:
            call(session, face.plan)
        session.close()

    assert caught.value.error_type == "unreachable"
    assert "refused" in str(caught.value)
    assert_safe(caught.value, face, None)


def last_request(face: Face, session: Session, server: FaultServer) -> int:
    """The number of the last request of the next exercise; others go before it, so that it is
    never the session's first, and what a session remembers for a while is known."""
    measure(session, face.plan)
    first = len(server.requests)
    measure(session, face.plan)
    return 2 * len(server.requests) - first


def assert_is(error: UpstreamError, face: Face, fault: str, error_type: str) -> None:
    expected = {error_type} | face.expected_types.get(fault, frozenset())
    assert error.error_type in expected, f"{fault}: {error!r}"
