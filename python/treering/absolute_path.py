# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from typing import Union

__all__ = ["absolute_path"]


def absolute_path(path: Union[str, os.PathLike[str]]) -> str:
    """The path from the working directory on; as it is where somebody has removed that: whoever opens it says so."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError:
        return os.fspath(path)
