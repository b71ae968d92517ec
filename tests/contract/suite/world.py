"""What the tests of this folder share."""

from __future__ import annotations

import traceback
from dataclasses import replace

import pytest

from tests.contract.expectations import chain
from tests.contract.faces import CALLS, QUICK, SOURCE, Face, all_faces, exercises
from tests.contract.faultserver import FaultServer

PATIENT = replace(QUICK, connect_seconds=600.0, read_seconds=600.0, attempts=5)
"""Limits that end nothing: only the deadline or `close` can."""


def apart(face: Face) -> pytest.MarkDecorator:
    """Faces share nothing, so each may go to another of pytest-xdist's workers."""
    return pytest.mark.xdist_group(f"contract-{face.name}")


face_by_face = pytest.mark.parametrize(
    "face", [pytest.param(face, marks=apart(face), id=face.name) for face in all_faces()]
)
call_by_call = pytest.mark.parametrize(
    ("face", "call"),
    [
        pytest.param(face, CALLS[call], marks=apart(face), id=f"{call}-{face.name}")
        for face, call in exercises()
    ],
)


def hidden_values(face: Face) -> set[str]:
    """What may show nowhere. A user's name is an account's name, and may."""
    credentials = {value for role, value in face.secrets.items() if role != "user"}
    return credentials | set(face.headers.values())


def assert_safe(error: BaseException, face: Face, server: FaultServer | None) -> None:
    """No secret and no query string in the error, or in anything it was raised from, and a
    message that says which source failed at what, in few words."""
    assert str(error).startswith(f"{SOURCE}: ")
    assert len(str(error)) < 700
    hidden = hidden_values(face)
    for request in server.requests if server else ():
        hidden |= {
            text for text in (request.raw_query, request.headers.get("authorization")) if text
        }
    shown = "".join(traceback.format_exception(error))
    for link in chain(error):
        shown += f"{link!s} {link!r} {link.args!r}"
    leaked = [value for value in hidden if value in shown]
    assert leaked == []
