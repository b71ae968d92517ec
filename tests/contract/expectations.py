"""What each fault must become, whichever connector or library meets it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.contract import faults
from tests.contract.faultserver import Fault

SILENT = "never answers"
"""Met with short limits, for it costs all the time they give."""

FAULTS: dict[str, tuple[Fault, str]] = {
    SILENT: (faults.never_answers, "timeout"),
    "hangs up at once": (faults.hangs_up_at_once, "unreachable"),
    "resets at once": (faults.reset_at_once, "unreachable"),
    "resets mid-body": (faults.reset_mid_body, "unreachable"),
    "truncated body": (faults.truncated_body, "unreachable"),
    "truncated chunks": (faults.truncated_chunks, "unreachable"),
    "not HTTP": (faults.not_http, "bad_answer"),
    "HTML with 200": (faults.html_page, "bad_answer"),
    "a login page with 200": (faults.login_page, "unauthorised"),
    "redirect to a login page": (faults.redirect_to_login, "unauthorised"),
    "redirect to another host": (faults.redirect_elsewhere, "unauthorised"),
    "wrong content type": (faults.wrong_content_type, "bad_answer"),
    "broken JSON": (faults.broken_json, "bad_answer"),
    "NaN in JSON": (faults.not_a_number, "bad_answer"),
    "deeply nested JSON": (faults.deeply_nested, "bad_answer"),
    "empty answer": (faults.empty_answer, "bad_answer"),
    "broken gzip": (faults.broken_gzip, "bad_answer"),
    "JSON null": (faults.answers(None), "bad_answer"),
    "JSON number": (faults.answers(42), "bad_answer"),
    "JSON text": (faults.answers("fine"), "bad_answer"),
    "JSON list of null": (faults.answers([None]), "bad_answer"),
    "JSON object of something else": (faults.answers({"ok": True}), "bad_answer"),
    "huge body": (faults.huge_body, "too_large"),
    "huge body of unknown length": (faults.huge_body_of_unknown_length, "too_large"),
    "zip bomb": (faults.zip_bomb, "too_large"),
    "400": (faults.status(400, {"error": "no such thing"}), "query_refused"),
    "400 HTML": (faults.html_status(400), "query_refused"),
    "401": (faults.status(401), "unauthorised"),
    "403": (faults.status(403), "forbidden"),
    "403 with a denied login": (
        faults.status(403, X_Authentication_Denied_Reason="CAPTCHA_CHALLENGE; login-url=/login"),
        "unauthorised",
    ),
    "404": (faults.status(404), "not_found"),
    "410": (faults.status(410), "not_found"),
    "429 without Retry-After": (faults.status(429), "rate_limited"),
    "429 with Retry-After 0": (faults.status(429, Retry_After="0"), "rate_limited"),
    "500": (faults.status(500), "server_error"),
    "502 HTML": (faults.html_status(502), "server_error"),
    "503 HTML": (faults.html_status(503), "server_error"),
    "504 HTML": (faults.html_status(504), "server_error"),
}
"""Faults by name, and the `error_type` of what they become."""

PASSING: dict[str, Fault] = {
    "hangs up at once": faults.hangs_up_at_once,
    "resets at once": faults.reset_at_once,
    "resets mid-body": faults.reset_mid_body,
    "truncated body": faults.truncated_body,
    SILENT: faults.never_answers,
    "429": faults.status(429),
    "429 with Retry-After 0": faults.status(429, Retry_After="0"),
    "429 with a fraction": faults.status(429, Retry_After="0.01"),
    "429 with a date gone by": faults.status(429, Retry_After="Thu, 15 Jan 2026 10:29:00 GMT"),
    "429 with nonsense": faults.status(429, Retry_After="soon"),
    "503 with Retry-After": faults.status(503, Retry_After="0.01"),
    "500": faults.status(500),
    "502 HTML": faults.html_status(502),
}
"""Faults that another try mends."""

STALE: dict[str, Fault] = {
    "closed while it rests": faults.closes_when_it_has_answered,
    "reset while it rests": faults.resets_when_it_has_answered,
    "closed under the next request": faults.closes_under_the_next_request,
}
"""Ends of a kept connection after a good answer, before or while it is used again."""


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it was raised from, or while handling."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            yield link
            waiting += [link.__cause__, link.__context__]
