"""Takes from whoever imports it the right of root to read and write what the modes of files forbid:
what a test makes read-only then is so for its processes, whoever runs the tests.

See capset(2); nothing happens where it cannot be done, or for who is not root.
"""

from __future__ import annotations

import ctypes
import os

VERSION_3 = 0x20080522
OVERRIDE, READ_SEARCH = 1 << 1, 1 << 2


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Rights(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def drop() -> None:
    """Gives the right up for good, for this process and its children."""
    libc = ctypes.CDLL(None, use_errno=True)
    header, rights = _Header(VERSION_3, 0), (_Rights * 2)()
    if libc.capget(ctypes.byref(header), rights) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    left = ~(OVERRIDE | READ_SEARCH)
    rights[0].effective &= left
    rights[0].permitted &= left
    if libc.capset(ctypes.byref(header), rights) != 0:
        raise OSError(ctypes.get_errno(), "capset")


if os.geteuid() == 0:
    drop()
