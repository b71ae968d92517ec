"""An upstream's own words, made fit to be shown: found, cleaned of secrets, cut."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from connectors.base import Json, SourceConfig
from connectors.errors import EXCERPT_CHARACTERS
from connectors.hiding import HIDDEN, spellings, without_credentials
from connectors.transport.decoding import decoded
from connectors.transport.proxies import proxy_for

_BLANKS = re.compile(r"[\s\x00-\x1f\x7f]+")
_LOGIN_PAGE = re.compile(rb"""(?i)type\s*=\s*["']?password|<title>[^<]*\b(log ?in|sign ?in)\b""")
_LOGIN_PATH = re.compile(r"(?i)log-?in|sign-?in|logon|sso|saml|oauth|openid|adfs|/auth\b|/idp\b")


class Redactor:
    """Hides the secrets of one source in texts that come from outside."""

    def __init__(self, config: SourceConfig) -> None:
        self._secrets = sorted(_spellings(config), key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redactor({len(self._secrets)} spellings)"

    def __call__(self, text: str) -> str:
        """The text with every known secret hidden, on one line, at most EXCERPT_CHARACTERS."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = without_credentials(text)
        text = _BLANKS.sub(" ", text).strip()
        if len(text) > EXCERPT_CHARACTERS:
            text = text[: EXCERPT_CHARACTERS - 1] + "…"
        return text


def _spellings(config: SourceConfig) -> set[str]:
    """Every form in which a secret of the source may come back."""
    values = set(config.secrets.values())
    for value in config.headers.values():
        values |= {value, *value.split()}
    if "user" in config.secrets:
        for other in ("token", "password"):
            pair = f"{config.secrets['user']}:{config.secrets.get(other, '')}"
            values.add(base64.b64encode(pair.encode()).decode())
    return spellings(values | set(_of_the_proxy(config.url)))


def _of_the_proxy(url: str) -> Iterable[str]:
    """The password of the proxy that leads there: what it answers may tell it as well."""
    parts = urlsplit(proxy_for(url) or "")
    if parts.password:
        user, password = unquote(parts.username or ""), unquote(parts.password)
        yield from (password, base64.b64encode(f"{user}:{password}".encode()).decode())


def is_html(content_type: str, body: bytes) -> bool:
    """Whether an answer is a page for people, whatever it calls itself."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "html" in content_type or start.startswith((b"<!doctype html", b"<html"))


def is_login_page(body: bytes) -> bool:
    """Whether a page asks for a password."""
    return _LOGIN_PAGE.search(body) is not None


def is_login_path(path: str) -> bool:
    """Whether an address looks like one people sign in at."""
    return _LOGIN_PATH.search(path) is not None


def words_of(content_type: str, body: bytes) -> str:
    """What an error answer says in its own words, uncleaned; empty when it has none for us.

    JSON: Jira's `errorMessages` and `errors`, NetBox's `detail` and lists by field, Prometheus's
    `error`, and `message`. Plain text as it is. Of HTML nothing.
    """
    if is_html(content_type, body):
        return ""
    try:
        answer = decoded(body)
    except ValueError:
        return body.decode("utf-8", errors="replace")
    return "; ".join(part for part in _parts(answer) if part)


def _parts(answer: Json) -> Iterable[str]:
    if isinstance(answer, list):
        return [part for entry in answer for part in _parts(entry)]
    if not isinstance(answer, dict):
        return [str(answer)]
    known: list[str] = []
    for key in ("errorMessages", "errors", "detail", "error", "error_description", "message"):
        if answer.get(key):
            known += _parts(answer[key])
    if known:
        return known
    return [
        f"{key}: {', '.join(_parts(value))}"
        for key, value in answer.items()
        if isinstance(value, str | list | dict) and value
    ]
