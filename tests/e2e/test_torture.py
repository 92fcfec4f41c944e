# SPDX-License-Identifier: Apache-2.0
"""A few rounds of what tools/torture does at length, with the seed of this run in the message where one fails."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from workbench import ROOT

sys.path.insert(0, str(ROOT / "torture"))
import run  # noqa: E402

FEW = {"kill": 10, "crowd": 4, "restart": 2, "cut": 6, "pause": 3}


@pytest.mark.parametrize("name", run.SCENARIOS)
def test_nothing_is_lost(tmp_path: Path, server_url: str, name: str) -> None:
    seed = time.time_ns() % 1_000_000
    figures = run.play(name, tmp_path, server_url + "?authSource=admin", seed, range(FEW[name]), jobs=2)
    assert figures["rounds"] == FEW[name]
