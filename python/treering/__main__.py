# SPDX-License-Identifier: Apache-2.0
"""`python -m treering`: the same command line as `treering`."""

from __future__ import annotations

import sys

from treering.command_line import main

if __name__ == "__main__":
    sys.exit(main(program="treering"))
