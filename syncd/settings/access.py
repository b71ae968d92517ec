"""Who may come in over HTTP, as settings say it."""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from syncd.intake.reading import Proxy

_HEADER = re.compile(r"[A-Za-z0-9-]{1,80}")


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise ValueError("expected the name of a header, such as X-Forwarded-User")
    return text


def _network(text: str) -> str:
    try:
        ip_network(text)
    except ValueError as error:
        raise ValueError(f"expected an address or a network, such as 10.0.0.0/8: {error}") from None
    return text


Header = Annotated[str, AfterValidator(_header)]


class ProxySetting(BaseModel):
    """A proxy before syncd that signs people in, and is believed who they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    trusted: list[Annotated[str, AfterValidator(_network)]] = Field(
        min_length=1, description="The proxy's addresses or networks; nobody else is believed."
    )
    user_header: Header = Field(
        default="X-Forwarded-User", description="The header that says who it is."
    )
    groups_header: Header | None = Field(
        default=None, description="The header with their groups, separated by commas."
    )
    writers: list[str] = Field(default=[], description="Whose members may write.")
    admins: list[str] = Field(default=[], description="Whose members may administer.")

    def proxy(self) -> Proxy:
        """What is believed."""
        return Proxy(
            tuple(ip_network(one) for one in self.trusted),
            self.user_header,
            self.groups_header,
            frozenset(self.writers),
            frozenset(self.admins),
        )
