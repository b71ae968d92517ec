"""When every connector ends, and what it never tells, over real sockets."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from connectors.base import Session, UpstreamError
from tests.contract import faults
from tests.contract.faces import Face, Recorder
from tests.contract.faultserver import Fault, FaultServer
from tests.contract.suite.world import assert_safe, call_by_call, face_by_face, hidden_values
from tests.waiting import until


@call_by_call
@pytest.mark.parametrize(
    "fault",
    [faults.never_answers, faults.one_byte_at_a_time, faults.body_one_byte_at_a_time],
    ids=lambda fault: fault.__name__,
)
def test_the_deadline_ends_what_the_limits_would_not(
    face: Face,
    patient_session: Session,
    server: FaultServer,
    call: Callable[..., Any],
    fault: Fault,
) -> None:
    server.fail(fault)

    with pytest.raises(UpstreamError) as caught:
        call(patient_session, face.plan, seconds=0.3)

    assert caught.value.error_type == "timeout"
    assert_safe(caught.value, face, server)


@call_by_call
def test_a_deadline_in_the_past_asks_nothing(
    face: Face, session: Session, server: FaultServer, call: Callable[..., Any]
) -> None:
    with pytest.raises(UpstreamError) as caught:
        call(session, face.plan, seconds=-1.0)

    assert caught.value.error_type == "timeout"
    assert server.requests == []


@call_by_call
@pytest.mark.parametrize(
    "fault",
    [
        faults.never_answers,
        faults.one_byte_at_a_time,
        faults.body_one_byte_at_a_time,
        faults.status(429, Retry_After="500"),
    ],
    ids=["never answers", "one byte at a time", "body one byte at a time", "429"],
)
def test_closing_from_another_thread_ends_a_waiting_call(
    face: Face,
    patient_session: Session,
    server: FaultServer,
    recorder: Recorder,
    call: Callable[..., Any],
    fault: Fault,
) -> None:
    server.fail(fault)
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            call(patient_session, face.plan, seconds=900.0)
        except BaseException as error:  # noqa: BLE001  # judged below, in the test's own thread
            caught.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    until(lambda: bool(server.requests))

    patient_session.close()
    asking.join(timeout=30)

    assert not asking.is_alive()
    [error] = caught
    assert isinstance(error, UpstreamError)
    assert_safe(error, face, server)


@call_by_call
def test_a_closed_session_asks_nothing_and_closing_twice_is_harmless(
    face: Face, session: Session, server: FaultServer, call: Callable[..., Any]
) -> None:
    session.close()
    session.close()

    with pytest.raises(UpstreamError):
        call(session, face.plan)

    assert server.requests == []


@call_by_call
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_an_upstream_that_tells_our_credentials_is_not_quoted(
    face: Face, session: Session, server: FaultServer, call: Callable[..., Any], status: int
) -> None:
    server.fail(faults.echo(status))

    with pytest.raises(UpstreamError) as caught:
        call(session, face.plan)

    assert_safe(caught.value, face, server)


@face_by_face
def test_a_session_does_not_show_its_secrets(face: Face, session: Session) -> None:
    shown = repr(session) + str(session)

    assert not any(value in shown for value in hidden_values(face))
