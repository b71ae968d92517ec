from __future__ import annotations

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog

from connectors.hiding import HIDDEN
from syncd import log

SECRET = "s3cr3t-token-of-jira"


class Opaque:
    def __str__(self) -> str:
        return f"Opaque({SECRET})"


def _fail(held: str) -> None:
    raise ValueError(f"refused {held}")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    own = logging.getLogger("syncd").level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("syncd").setLevel(own)
    structlog.reset_defaults()


def _stream(form: Literal["auto", "console", "json"]) -> io.StringIO:
    stream = io.StringIO()
    log.set_up(form=form, secrets=[SECRET, "ab"], stream=stream)
    return stream


def test_without_a_terminal_every_line_is_one_json_object() -> None:
    stream = _stream("auto")

    structlog.get_logger("syncd.x").info("measured", source="jira", objects=3)
    logging.getLogger("some.library").warning("slow by %s s", 3)

    first, second = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (first["event"], first["source"], first["objects"]) == ("measured", "jira", 3)
    assert first["level"] == "info"
    assert first["timestamp"].endswith("Z")
    assert (second["event"], second["level"]) == ("slow by 3 s", "warning")


def test_what_python_itself_would_write_is_a_line_like_any_other_and_holds_no_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        # a test before this one may have set the log up, in a context of warnings that is no more
        logging.captureWarnings(False)
        log.set_up(secrets=[SECRET])
        try:
            warnings.warn(f"soon {SECRET}", UserWarning, stacklevel=1)
            dying = threading.Thread(target=_fail, args=(SECRET,), name="syncd-x")
            dying.start()
            dying.join()
            error = ValueError(SECRET)
            sys.excepthook(ValueError, error, None)
        finally:
            logging.captureWarnings(False)

    warned, died, crashed = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert SECRET not in stream.getvalue()
    assert f"UserWarning: soon {HIDDEN}" in warned["event"]
    assert (warned["level"], died["level"], crashed["level"]) == ("warning", "error", "error")
    assert (died["event"], died["thread"]) == ("thread.died", "syncd-x")
    assert died["exception"][0]["exc_value"] == f"refused {HIDDEN}"
    assert (crashed["event"], crashed["exception"][0]["exc_type"]) == ("crashed", "ValueError")


def test_libraries_are_heard_from_warnings_up() -> None:
    stream = _stream("json")

    logging.getLogger("some.library").info("chatter")

    assert stream.getvalue() == ""


def test_the_console_form_is_for_people() -> None:
    stream = _stream("console")

    structlog.get_logger("syncd.x").info("measured", source="jira")

    assert "measured" in stream.getvalue()
    assert "source=jira" in stream.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_never_reaches_the_log(form: Literal["json", "console"]) -> None:
    stream = _stream(form)
    logger = structlog.get_logger("syncd.x")

    logger.info("asked", said="with " + SECRET, deep={"a": [SECRET]}, thing=Opaque())
    logging.getLogger("some.library").warning("header %s", SECRET)
    try:
        _fail(SECRET)
    except ValueError:
        logger.exception("failed")

    told = stream.getvalue()
    assert "ValueError" in told
    assert HIDDEN in told
    assert SECRET not in told
    assert SECRET[:12] not in told


def test_a_word_too_short_to_be_a_secret_is_left_alone() -> None:
    stream = _stream("json")

    structlog.get_logger("syncd.x").info("about")

    assert json.loads(stream.getvalue())["event"] == "about"
