"""The files of a mapping folder, read as text. The only place of the mapping room that reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from syncd.mapping.fault import Fault

SIZE_LIMIT = 1_000_000
"""Bytes; no mapping that people wrote is larger."""


def read_folder(folder: Path) -> tuple[dict[str, str], list[Fault]]:
    """The texts of all ``*.yaml`` of the folder by name (``q1-2026/dcim.yaml``), in the order of
    the names, and faults for those that cannot be read as text.
    """
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    name = folder.resolve().name
    if not folder.is_dir():
        fault = Fault(name, 0, "", "no folder of that name", "a folder with mapping files",
                      "create it, or correct the name")  # fmt: skip
        return {}, [fault]
    try:
        paths = sorted(folder.iterdir())
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
        elif path.suffix == ".yaml":
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
                "files that end in .yaml",
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
