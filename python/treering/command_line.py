# SPDX-License-Identifier: Apache-2.0
"""The command line for Python programs: `python -m treering`, and `python manage.py` in a project of yours.

import sys
from treering.command_line import main

sys.exit(main(start=__file__))
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import signal
import sys
import threading
from typing import Any, Optional, Sequence, Union

from treering.absolute_path import absolute_path
from treering.errors import Terminated

__all__ = ["main"]


def main(
    arguments: Optional[Sequence[str]] = None,
    *,
    program: Optional[str] = None,
    start: Union[str, os.PathLike[str], None] = None,
    config: Optional[str] = None,
) -> int:
    """Runs one command and gives its exit code. For programs: it sets up signals, stdout and the log of migrations.

    `arguments` are those after the program's name (default: the process's own). `start` is the folder, or a file in it,
    from which the configuration is looked for (default: the working directory); `config` names the file itself, where neither --config
    nor TREERING_CONFIG does.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    program = program or os.path.basename(sys.argv[0]) or "treering"
    start = _folder(start)
    config = "" if config is None else absolute_path(config)
    streams = sys.stdout, sys.stderr
    try:
        line = _prepare_process()
        return _run(arguments, program, start, config, line)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Terminated as stopped:
        return 128 + stopped.signal
    finally:
        _flush()
        sys.stdout, sys.stderr = streams


def _run(arguments: list[str], program: str, start: str, config: str, line: Any) -> int:
    from treering import _native
    from treering.scripts import Scripts

    told = os.environ.pop("TREERING_NOTES_TOLD", "").splitlines()  # by the binary that became this process
    code, stdout_was_kept = _native.command_line(arguments, program, start, config, told, Scripts(), line)
    if stdout_was_kept:
        # The last that is registered is the first that is called: before what the project's code has registered.
        atexit.unregister(_let_prints_go_to_stderr)
        atexit.register(_let_prints_go_to_stderr)
    return code


def _let_prints_go_to_stderr() -> None:
    """So that what is printed at the end isn't added to the document that was asked for; what was printed before is where it belongs."""
    _flush()
    with contextlib.suppress(OSError):
        is_open = fcntl.fcntl(2, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
        os.dup2(2 if is_open else os.open(os.devnull, os.O_WRONLY), 1)


def _folder(start: Union[str, os.PathLike[str], None]) -> str:
    if not start:
        return ""
    path = absolute_path(start)
    return os.path.dirname(path) if os.path.isfile(path) else path


def _forget_a_dead_process() -> None:
    """Takes away the shared memory that a killed process of our pid left; the driver would warn of it when it is loaded."""
    if "treering._native" not in sys.modules:
        with contextlib.suppress(OSError):
            os.unlink(f"/dev/shm/mongoc-{os.getpid()}")


def _prepare_process() -> Any:
    """Gives the terminal's last line, which the streams share with our progress."""
    _forget_a_dead_process()
    from treering import _native
    from treering.beside_progress import beside_progress

    sys.stdout, sys.stderr = (None if _is_closed(stream) else stream for stream in (sys.stdout, sys.stderr))
    # What a migration prints shows at once, also in a pipe.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(line_buffering=True)
    line = _native.TerminalLine()
    sys.stdout, sys.stderr = beside_progress(line, sys.stdout, sys.stderr)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup
            signal.signal(signal.SIGHUP, _terminate)
        # The first one ends a migration's code, and what it did is undone; whoever sends a second has no time for that.
        _native.end_at_second_stop_signal()
    log = logging.getLogger("treering.migration")
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        log.propagate = False
    return line


def _is_closed(stream: Any) -> bool:
    """Whether our program found it closed, and put what can't be written to in its place: a migration may print to None, as Python has it."""
    try:
        return fcntl.fcntl(stream.fileno(), fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    except (AttributeError, OSError, ValueError):
        return False


def _terminate(number: int, _: Any) -> None:
    raise Terminated(number)


def _flush() -> None:
    try:
        if sys.stdout is not None:  # it is where stdout was closed when Python started
            sys.stdout.flush()
    except (OSError, ValueError):
        pass  # whoever read it is gone
