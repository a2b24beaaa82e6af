"""Processes that a test starts, and ends by their id."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

_HELD = re.compile(r"VmHWM:\s*(\d+) kB")
PATIENCE = 30.0  #: seconds until something that was started must answer


def free_port():
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def spawn(command, *, log, **options):
    """Start a program in a process group of its own; what it says goes to a file."""
    with log.open("ab") as out:
        return subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True, **options)


def run(command, **options):
    """A program, to its end."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, **options)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def kill(process):
    """kill -9 of a process and of all that it started."""
    if process is not None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def until(condition, what, *, seconds=PATIENCE):
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {seconds:g} s for {what}"
        time.sleep(0.02)
    return value


def listens(port):
    """Whether somebody answers on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def peak(process):
    """The most bytes that the children of a process ever held in memory."""
    children = run(["ps", "-o", "pid=", "--ppid", str(process.pid)]).split()
    return sum(int(_HELD.search(Path(f"/proc/{child}/status").read_text())[1]) * 1024 for child in children)
