# SPDX-License-Identifier: Apache-2.0
"""What a migration prints on a terminal, while progress is shown on its last line: on lines of its own."""

from __future__ import annotations

import sys
from typing import Any, Iterable

__all__ = ["beside_progress"]


def beside_progress(line: Any, *streams: Any) -> Iterable[Any]:
    """The streams, made to take the progress away before anything goes out. As they are where no progress is shown."""
    if not _is_terminal(sys.stderr):
        return streams
    return [_Beside(stream, line) if _is_terminal(stream) else stream for stream in streams]


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # None under pythonw, or closed
        return False


class _Beside:
    """A text stream. Where it keeps what is no whole line in its own buffer, that needs no room yet."""

    def __init__(self, stream: Any, line: Any) -> None:
        self._stream = stream
        self._line = line
        self._open = False  # whether the last line that was written has no end yet

    def write(self, text: str) -> Any:
        if not text:
            return self._stream.write(text)
        if "\n" not in text and not getattr(self._stream, "write_through", False):
            self._open = True
            return self._stream.write(text)
        self._line.before_print()
        written = self._stream.write(text)
        self._open = not text.endswith("\n")
        self._went_out()
        return written

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._open:
            self._line.before_print()
        self._went_out()

    def _went_out(self) -> None:
        self._stream.flush()
        self._line.after_print(self._open)

    def __iter__(self) -> Any:
        return iter(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
