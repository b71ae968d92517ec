"""Secrets that are renewed are read again from their files, and what cannot be read stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from syncd.renewal import Renewal, Renewals
from syncd.settings import Secret, SettingsRefused


class User:
    """Somebody who uses a secret of a file; `had` is what was handed out."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.secret = Secret(file=file)
        self.had: list[str] = []

    def renewals(self) -> Renewals:
        return Renewals([Renewal("jira", lambda: self.secret.value("jira"), self.had.append)])


@pytest.fixture
def user(tmp_path: Path) -> User:
    structlog.reset_defaults()
    file = tmp_path / "token"
    file.write_text("first\n")
    return User(file)


def test_a_secret_is_handed_out_when_it_changes_and_only_then(user: User) -> None:
    renewals = user.renewals()

    renewals.look()
    unchanged = list(user.had)
    user.file.write_text("second\n")
    renewals.look()
    renewals.look()

    assert unchanged == []
    assert user.had == ["second"]


def test_what_cannot_be_read_stays_in_use_and_is_told_once_and_when_it_is_back(user: User) -> None:
    renewals = user.renewals()

    with capture_logs() as logs:
        user.file.unlink()
        renewals.look()
        renewals.look()
        user.file.write_text("first\n")
        renewals.look()
        user.file.write_text("second\n")
        renewals.look()

    assert [one["event"] for one in logs] == [
        "secret.not_read",
        "secret.read_again",
        "secret.renewed",
    ]
    assert "token" in logs[0]["faults"][0]
    assert user.had == ["second"]
    assert "second" not in str(logs)


def test_one_that_its_user_refuses_is_offered_again(user: User) -> None:
    refusals = [SettingsRefused([])]

    def use(secret: str) -> None:
        if refusals:
            raise refusals.pop()
        user.had.append(secret)

    renewals = Renewals([Renewal("chat", lambda: user.secret.value("chat"), use)])
    user.file.write_text("second\n")

    renewals.look()
    renewals.look()

    assert user.had == ["second"]


def test_one_that_cannot_be_read_does_not_hold_up_the_others(user: User, tmp_path: Path) -> None:
    other = User(tmp_path / "other")
    other.file.write_text("first")
    both = Renewals(
        [
            Renewal("other", lambda: other.secret.value("other"), other.had.append),
            Renewal("jira", lambda: user.secret.value("jira"), user.had.append),
        ]
    )

    other.file.unlink()
    user.file.write_text("second")
    both.look()

    assert user.had == ["second"]


def test_a_secret_that_is_missing_at_the_start_is_refused(user: User) -> None:
    user.file.unlink()

    with pytest.raises(SettingsRefused, match="jira"):
        user.renewals()
