# SPDX-License-Identifier: Apache-2.0
"""`with env.batch():` small writes that are sent together."""

from __future__ import annotations

import types
from typing import Any, Optional

__all__ = ["Batch"]


class Batch:
    def __init__(self, native: Any, size: int) -> None:
        self._native, self._size = native, size

    def __enter__(self) -> None:
        self._native.begin_batch(self._size)

    def __exit__(
        self, kind: Optional[type[BaseException]], error: Optional[BaseException], frames: Optional[types.TracebackType]
    ) -> None:
        if kind is None:
            self._native.end_batch()
        elif kind is not GeneratorExit:
            self._native.drop_batch()
        # A generator's exit is where nobody can be told: what waits then is refused at the end of the migration.
