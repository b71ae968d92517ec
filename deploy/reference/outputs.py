"""Every page that is made, and what stands in it."""

from __future__ import annotations

from pathlib import Path

from deploy.reference.addresses import addresses_page
from deploy.reference.commands import commands_page
from deploy.reference.errors import errors_page
from deploy.reference.events import events_page
from deploy.reference.keys import keys_page
from deploy.reference.settings import settings_page

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def pages() -> dict[Path, str]:
    """The pages by path. They are committed; a test holds them to this."""
    return {
        FOLDER / "addresses.md": addresses_page(),
        FOLDER / "commands.md": commands_page(),
        FOLDER / "errors.md": errors_page(),
        FOLDER / "events.md": events_page(),
        FOLDER / "keys.md": keys_page(),
        FOLDER / "settings.md": settings_page(),
    }
