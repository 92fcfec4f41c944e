# SPDX-License-Identifier: Apache-2.0
"""Code of the project that we run, revisions and models: where it imports from, and what is told of it when it raises."""

from __future__ import annotations

import linecache
import os
import sys
import traceback
import types
from contextlib import contextmanager
from typing import Callable, Iterator, Optional

__all__ = ["failure_fields", "importing_from", "is_ours"]

_PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


@contextmanager
def importing_from(root: str) -> Iterator[None]:
    """With the project's folder first on sys.path."""
    sys.path.insert(0, root)
    try:
        yield
    finally:
        if root in sys.path:
            sys.path.remove(root)


def is_ours(filename: str) -> bool:
    return filename.startswith(_PACKAGE)


def place_of_call() -> str:
    """Where the code stands that called us: "versions/x.py:12"."""
    frame: Optional[types.FrameType] = sys._getframe(1)
    while frame is not None and is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return "" if frame is None else f"{frame.f_code.co_filename}:{frame.f_lineno}"


def failure_fields(error: BaseException, is_own: Callable[[str], bool]) -> dict[str, str]:
    """What is told of an exception: "exception" in words and "traceback", from the first frame of the project's own files on; where one
    of them has a frame, also "file", "line" and "source_line" of the innermost."""
    trimmed = _from_first(error.__traceback__, is_own)
    shown = traceback.TracebackException(type(error), error, trimmed)
    own = [frame for frame in shown.stack if is_own(frame.filename)]
    while shown.stack and is_ours(shown.stack[-1].filename):
        del shown.stack[-1]  # how we do what we were asked to is of no help here
    shown.stack[:] = [frame for frame in shown.stack if not frame.filename.startswith("<frozen importlib")]
    # pymongo repeats the server's whole reply after the sentence; the traceback keeps it.
    words = "".join(shown.format_exception_only()).strip().split(", full error: {", 1)[0]
    fields = {"exception": words, "traceback": "".join(shown.format())}
    if places := getattr(error, "treering_places", None):
        fields["exception"] += f" (one of the indexes created in {_lines(places)})"
    place = getattr(error, "treering_place", "")  # of the call whose write a batch sent later
    file, _, line = place.rpartition(":")
    if file and is_own(file):
        fields["file"], fields["line"] = file, line
        fields["source_line"] = linecache.getline(file, int(line)).rstrip("\n")
    elif own:
        fields["file"] = own[-1].filename
        fields["line"] = str(own[-1].lineno)
        fields["source_line"] = own[-1].line or ""
    return fields


def _lines(places: list[str]) -> str:
    """ "lines 12, 13 and 15"; with the files where there are several."""
    files = {place.rpartition(":")[0] for place in places}
    shown = [place.rpartition(":")[2] for place in places] if len(files) == 1 else places
    return ("lines " if len(files) == 1 else "") + ", ".join(shown[:-1]) + " and " + shown[-1]


def _from_first(frames: Optional[types.TracebackType], is_own: Callable[[str], bool]) -> Optional[types.TracebackType]:
    while frames is not None and not is_own(frames.tb_frame.f_code.co_filename):
        frames = frames.tb_next
    return frames
