"""Secrets that are renewed while the process runs: read again, and handed to whom they are for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from syncd.settings import SettingsRefused

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Renewal:
    """Something that is made of secrets. `read` makes it anew, from where they are (raises
    SettingsRefused); what it makes can be compared. `use` hands it to whom it is for, who may
    refuse it in the same way.
    """

    name: str
    read: Callable[[], Any]
    use: Callable[[Any], None]


class Renewals:
    """All of a process. What cannot be read any more stays as it was, and is told once."""

    def __init__(self, renewals: Sequence[Renewal]) -> None:
        """Takes what is there now for what is in use. Raises SettingsRefused."""
        self._renewals = renewals
        self._in_use = {one.name: one.read() for one in renewals}
        self._unread: set[str] = set()

    def look(self) -> None:
        """Hands out what has changed since the last look."""
        for one in self._renewals:
            try:
                renewed = self._renew(one)
            except SettingsRefused as error:
                if one.name not in self._unread:
                    log.error("secret.not_read", what=one.name, faults=[*map(str, error.faults)])  # noqa: TRY400
                    self._unread.add(one.name)
                continue
            if one.name in self._unread:
                self._unread.discard(one.name)
                log.info("secret.read_again", what=one.name)
            if renewed:
                log.info("secret.renewed", what=one.name)

    def _renew(self, one: Renewal) -> bool:
        found = one.read()
        if found == self._in_use[one.name]:
            return False
        one.use(found)
        self._in_use[one.name] = found
        return True
