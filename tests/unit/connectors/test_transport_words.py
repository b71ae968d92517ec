"""Pure parts of the transport: what headers and bodies say, and what of them may be shown."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import BadAnswer, SourceConfig, Unauthorised
from connectors.transport.body import OverLimit, Undecodable, read_body, read_excerpt
from connectors.transport.refusals import parsed, retry_after_seconds
from connectors.transport.words import Redactor, words_of

SENT = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def redactor(**secrets: str) -> Redactor:
    headers = {"X-Key": secrets.pop("header")} if "header" in secrets else {}
    return Redactor(SourceConfig("src", "kind", "http://host", secrets, headers))


# -------------------------------------------------------------------------------------- Retry-After


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("1", 1.0),
        (" 1847 ", 1847.0),
        ("1.5", 1.5),
        ("9" * 300, 86_400.0),
        ("Thu, 15 Jan 2026 10:31:00 GMT", 60.0),
        ("Thu, 15 Jan 2026 10:29:00 GMT", 0.0),
        ("Thu, 15 Jan 2099 10:29:00 GMT", 86_400.0),
        ("Thursday, 15-Jan-26 10:31:00 GMT", 60.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("inf", None),
        ("1e3", None),
        ("Thu, 99 Jan 2026 10:31:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form(header: str, seconds: float | None) -> None:
    headers = {"retry-after": header, "date": "Thu, 15 Jan 2026 10:30:00 GMT"}

    assert retry_after_seconds(headers) == seconds


def test_a_retry_after_date_without_a_date_is_compared_with_this_machines_clock() -> None:
    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)

    assert retry_after_seconds({"retry-after": past}) == 0.0


def test_no_retry_after_is_none() -> None:
    assert retry_after_seconds({}) is None


@given(st.integers(min_value=0, max_value=86_400))
def test_a_retry_after_date_is_as_far_as_it_is_from_the_answers_own(seconds: int) -> None:
    headers = {
        "retry-after": format_datetime(SENT + timedelta(seconds=seconds), usegmt=True),
        "date": format_datetime(SENT, usegmt=True),
    }

    assert retry_after_seconds(headers) == seconds


@given(st.text())
def test_any_retry_after_is_none_or_a_sane_wait(header: str) -> None:
    seconds = retry_after_seconds({"retry-after": header, "date": header})

    assert seconds is None or 0 <= seconds <= 86_400


# -------------------------------------------------------------------------------------------- words


@given(
    secret=st.text(st.characters(codec="ascii", min_codepoint=33), min_size=8),
    before=st.text(max_size=20),
    after=st.text(max_size=300),
)
def test_a_secret_never_survives_in_any_spelling(secret: str, before: str, after: str) -> None:
    basic = base64.b64encode(f"me-myself:{secret}".encode()).decode()
    redact = redactor(user="me-myself", password=secret)
    if secret in redact("") + "***":
        return

    for spelling in (secret, quote_plus(secret), basic):
        if spelling not in before + after:
            assert spelling not in redact(f"{before} {spelling} {after}")


@given(st.text(max_size=2000))
def test_shown_words_are_short_and_on_one_line(text: str) -> None:
    shown = redactor(token="s3cr3t-token")(text)

    assert len(shown) <= 256
    assert "\n" not in shown
    assert "\r" not in shown


def test_a_secret_at_the_cut_is_hidden_whole() -> None:
    shown = redactor(token="s3cr3t-token")("x" * 250 + "s3cr3t-token")

    assert "s3cr" not in shown


@pytest.mark.parametrize(
    "text", ["Bearer abcdefgh12345678", "authorization: Basic QWxhZGRpbjpvcGVu", "token=abcdefgh1"]
)
def test_credentials_that_are_not_even_ours_are_hidden(text: str) -> None:
    assert "***" in redactor()(text)


def test_words_too_short_to_be_a_secret_are_left_alone() -> None:
    assert redactor(user="a", password="bc")("a bad basic") == "a bad basic"


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json", b'{"errorMessages": ["one", "two"], "errors": {}}', "one; two"),
        ("application/json", b'{"errors": [{"message": "no"}]}', "no"),
        ("application/json", b'{"error": {"message": "deep"}}', "deep"),
        ("application/json", b'{"name": ["taken"], "slug": ["bad", "long"]}', None),
        ("application/json", b"{}", ""),
        ("application/json", b"null", "None"),
        ("text/plain", b"404 page not found\n", "404 page not found\n"),
        ("text/plain", b"\xff\xfe", "\ufffd\ufffd"),
        ("text/html", b"<html>secret stack trace</html>", ""),
        ("", b"  <!DOCTYPE html><p>x", ""),
    ],
)
def test_an_error_answers_own_words_are_found(
    content_type: str, body: bytes, words: str | None
) -> None:
    expected = "name: taken; slug: bad, long" if words is None else words

    assert words_of(content_type, body) == expected


# --------------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json", b'{"a": 1', "the JSON is broken: Expecting ',' delimiter"),
        ("application/json", b"", "answered with nothing"),
        ("application/json", b" \n", "answered with nothing"),
        ("application/json", b'{"a": NaN}', "NaN is not JSON"),
        ("application/json", b"[-Infinity]", "-Infinity is not JSON"),
        ("application/json", b"\xff\xfe\xff", "the JSON is broken"),
        ("application/json", b"[" * 200_000, "nested too deeply"),
        ("application/json", b"1" * 5000, "the JSON is broken"),
        ("text/csv", b"1", "answered with text/csv; expected JSON"),
        ("application/json", b"<html></html>", "answered with an HTML page"),
        ("text/html", b"{}", "answered with an HTML page"),
    ],
)
def test_what_is_not_json_is_a_bad_answer(content_type: str, body: bytes, words: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        parsed("src: GET /", content_type, body, redactor())

    assert str(caught.value).startswith("src: GET /: ")
    assert words in str(caught.value)


def test_a_login_page_says_that_the_credentials_are_at_fault() -> None:
    page = b'<html><input name="p" type="password"></html>'

    with pytest.raises(Unauthorised, match="login page"):
        parsed("src: GET /", "text/html", page, redactor())


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/json", ""]
)
def test_json_by_any_of_its_names_is_parsed(content_type: str) -> None:
    assert parsed("src: GET /", content_type, b'{"a": [1, 0.5]}', redactor()) == {"a": [1, 0.5]}


# ------------------------------------------------------------------------------------------- bodies


@given(st.lists(st.binary(max_size=50)), st.integers(min_value=0, max_value=200))
def test_a_body_is_whole_or_refused(chunks: list[bytes], limit: int) -> None:
    whole = b"".join(chunks)

    if len(whole) > limit:
        with pytest.raises(OverLimit):
            read_body(chunks, "", limit, lambda _: None)
    else:
        assert read_body(chunks, "identity", limit, lambda _: None) == whole
    assert read_excerpt(chunks, "", limit + 1, lambda _: None) == whole[: limit + 1]


@given(st.binary(), st.sampled_from(["gzip", "deflate", "x-gzip"]))
def test_any_bytes_said_to_be_coded_are_decoded_or_refused(data: bytes, coding: str) -> None:
    try:
        body = read_body([data], coding, 1000, lambda _: None)
    except (OverLimit, Undecodable):
        return
    assert len(body) <= 1000


@pytest.mark.parametrize("decoded", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_hidden_in_base64_too(decoded: Callable[[bytes], bytes]) -> None:
    secret = "ÿþÿþ-of-the-reader-ÿþ"
    coded = decoded(secret.encode()).decode()

    assert coded.rstrip("=") not in redactor(token=secret)(f"it came as {coded} to us")


def test_a_short_secret_is_not_for_it_would_look_like_a_word() -> None:
    assert redactor(token="short")(f"a {base64.b64encode(b'short').decode()}") == "a c2hvcnQ="
