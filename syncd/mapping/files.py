"""The files of mapping folders, read as text. The only place of the mapping room that reads."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from syncd.mapping.fault import Fault

SIZE_LIMIT = 1_000_000
"""Bytes; no mapping that people wrote is larger."""

_READINGS = 3
"""How often files that change are read before what they say is taken as it is."""

T = TypeVar("T")

_ORGANISATION = re.compile(rb"^organisation[ \t]*:", re.MULTILINE)


@dataclass(frozen=True)
class PeriodFiles:
    """The texts of one period's files by name (``q1-2026/dcim.yaml``), in the order of the names.
    `folder` is the name of theirs; `whole` False: some could not be read.
    """

    folder: str
    texts: Mapping[str, str]
    whole: bool


def read_folder(folder: Path) -> tuple[list[PeriodFiles], list[Fault]]:
    """The files of the period that the folder is for, or of each period that has a folder in it,
    in the order of the names; and faults for those that cannot be read as text.
    """
    name = folder.resolve().name
    if not folder.is_dir():
        fault = Fault(name, 0, "", "no folder of that name", "a folder with mapping files",
                      "create it, or name another with --mappings")  # fmt: skip
        return [], [fault]
    try:
        places = _period_folders(folder)
        faults = list(_mixed(folder, name, places))
    except OSError as error:
        return [], [_unreadable(name, error)]
    found: list[PeriodFiles] = []
    for place in places:
        shown = name if place == folder else place.name
        texts, of_place = _read(place, shown)
        found.append(PeriodFiles(shown, texts, whole=not of_place))
        faults += of_place
    return found, faults


def digest_of(folder: Path) -> str:
    """Identifies the content of the mapping files in a folder, those of its periods' folders
    included. What cannot be read counts as it fails; never raises.
    """
    digest = hashlib.sha256()
    try:
        for place in _period_folders(folder):
            for path in _files(place):
                digest.update(f"{path.relative_to(folder)}".encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    except OSError as error:
        digest.update(str(error).encode())
    return digest.hexdigest()[:16]


def settled(folder: Path, read: Callable[[], T]) -> tuple[T, str]:
    """What `read` makes of the folder's files, and their digest. It reads again where they change
    under it, so that half of an old and half of a new mapping are not taken for one; if they never
    rest, the digest is not that of the present files, and the next look sees a change.
    """
    for _ in range(_READINGS - 1):
        before = digest_of(folder)
        found = read()
        if digest_of(folder) == before:
            return found, before
    before = digest_of(folder)
    return read(), before


def base_of(folder: Path) -> Path:
    """The folder from which the names of files in faults and places lead to them."""
    try:
        alone = _period_folders(folder) == [folder]
    except OSError:
        alone = True
    return folder.resolve().parent if alone else folder.resolve()


def _period_folders(folder: Path) -> list[Path]:
    """The folder itself if there are mapping files in it, else those in it that have some. Hidden
    ones are passed over, such as the ``..data`` behind the links of a ConfigMap. Raises OSError.
    """
    if _files(folder):
        return [folder]
    return _inner(folder) or [folder]


def _inner(folder: Path) -> list[Path]:
    inner = (it for it in folder.iterdir() if it.is_dir() and not it.name.startswith("."))
    return sorted(it for it in inner if _files(it))


def _files(folder: Path) -> list[Path]:
    """Its mapping files by name, those that only end wrongly (``.yml``) included."""
    paths = (it for it in folder.iterdir() if it.suffix in (".yaml", ".yml"))
    return sorted(it for it in paths if not it.name.startswith("."))


def _mixed(folder: Path, name: str, places: Sequence[Path]) -> Iterator[Fault]:
    """A fault where periods' folders would be passed over because of files beside them."""
    if list(places) != [folder]:
        return
    for inner in _inner(folder):
        if any(_ORGANISATION.search(path.read_bytes()) for path in _files(inner)):
            yield Fault(
                name,
                0,
                "",
                f"mapping files beside {inner.name}/, which is a period by itself",
                "the files of one period, or a folder for each",
                f"move the files that stand in {name}/ into a folder of their own, or "
                f"{inner.name}/ elsewhere",
            )


def _read(folder: Path, name: str) -> tuple[dict[str, str], list[Fault]]:
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    try:
        paths = _files(folder)
    except OSError as error:
        return {}, [_unreadable(name, error)]
    for path in paths:
        shown = f"{name}/{path.name}"
        if path.suffix == ".yml":
            faults.append(
                Fault(
                    shown,
                    0,
                    "",
                    "a file that ends in .yml",
                    "files that end in .yaml",
                    f"rename it to {path.stem}.yaml",
                )
            )
            continue
        try:
            content = path.read_bytes()
        except OSError as error:
            faults.append(_unreadable(shown, error))
            continue
        text_faults = list(_wrong_text(shown, content))
        faults += text_faults
        if not text_faults:
            texts[shown] = content.decode("utf-8-sig")
    if not texts and not faults:
        faults.append(
            Fault(
                name,
                0,
                "",
                "a folder without mapping files",
                "files that end in .yaml, or folders that have some",
                "add organisation.yaml and a file for each team",
            )
        )
    return texts, faults


def _unreadable(name: str, error: OSError) -> Fault:
    return Fault(
        name,
        0,
        "",
        f"something that cannot be read ({error.strerror or type(error).__name__})",
        "a text file",
        "check the permissions",
    )


def _wrong_text(name: str, content: bytes) -> Iterator[Fault]:
    if len(content) > SIZE_LIMIT:
        yield Fault(
            name, 0, "", f"a file of {len(content)} bytes", f"at most {SIZE_LIMIT}", "split it"
        )
        return
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Fault(
            name,
            content.count(b"\n", 0, error.start) + 1,
            "",
            "bytes that are no UTF-8 text",
            "UTF-8",
            "save the file as UTF-8",
        )
