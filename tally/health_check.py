#!/usr/bin/env python3
"""The command `tally-health`: 0 when the broker, or the worker, that runs here is alive, or else 1.

A container asks every half minute, so this costs little more than an empty interpreter: it imports `socket`,
what that has loaded, and nothing of ours. It is installed as a file of its own, without a wrapper that would
import the package.
"""

import os
import socket
import sys
import time

PATH = "/health/live"
SECONDS = 3.0
"""How long the answer may take."""
LONGEST_SILENCE = 60.0
"""Seconds after which a worker that did not renew its file counts as dead."""
LONGEST_LINE = 1024
MOST_PORTS = 65_535
_LOCAL = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - who listens everywhere is asked here


def setting(name: str, default: str) -> tuple[str, str]:
    """Return the variable and the value of a setting, found as the broker finds it."""
    for prefix in ("TALLY_", "PACT_BROKER_"):
        variable = prefix + name
        variable = os.environ.get(f"{variable}_ENVIRONMENT_VARIABLE_NAME") or variable
        if text := os.environ.get(variable):
            return variable, text
    return "", default


def worker_complaint(file: str) -> str | None:
    """Return what is wrong with the worker, "" when it is alive, and None when none runs here."""
    try:
        silence = time.time() - os.stat(file).st_mtime  # noqa: PTH116 - pathlib costs more than all the rest
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"the file of the worker cannot be looked at: {error}"
    if silence <= LONGEST_SILENCE:
        return ""
    return f"the worker has not renewed {file} for {silence:.0f} s"


def server_complaint() -> str:
    """Return what is wrong with the server, "" when it is alive."""
    variable, port = setting("PORT", "9292")
    if not (port.isdecimal() and int(port) <= MOST_PORTS):
        return f"{variable} must be a port, not {port!r}"
    _, host = setting("HOST", "127.0.0.1")
    host = _LOCAL.get(host, host)
    where = f"http://[{host}]:{port}{PATH}" if ":" in host else f"http://{host}:{port}{PATH}"
    try:
        line = first_line(host, int(port))
    except (OSError, UnicodeError) as error:  # UnicodeError: no host is called so
        return f"{where} gives no answer: {error}"
    if line.startswith(b"HTTP/1.1 200 "):
        return ""
    return f"{where} answers {line.decode('latin-1')!a} instead of 200"


def first_line(host: str, port: int) -> bytes:
    """Ask, and return the first line of the answer. Raises OSError after SECONDS, or when nothing answers."""
    deadline = time.monotonic() + SECONDS
    question = f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    # As bytes: for a str, the codec of international names would be imported, and `re` with it.
    name: str = host.encode("ascii")  # type: ignore[assignment] # it may be
    with socket.create_connection((name, port), SECONDS) as connection:
        connection.sendall(question.encode())
        answer = b""
        while b"\r\n" not in answer and len(answer) < LONGEST_LINE:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            received = connection.recv(LONGEST_LINE)
            if not received:
                break
            answer += received
    return answer.partition(b"\r\n")[0]


def main() -> None:
    """Look, and end with the code."""
    if sys.argv[1:]:
        sys.exit("tally-health takes no options, but TALLY_HOST, TALLY_PORT and TALLY_WORKER_HEARTBEAT_FILE")
    _, file = setting("WORKER_HEARTBEAT_FILE", "")
    complaint = worker_complaint(file) if file else None
    if complaint is None:
        complaint = server_complaint()
        if complaint and file:
            complaint += f", and no worker has made {file}"
    sys.exit(f"tally-health: {complaint}" if complaint else 0)


if __name__ == "__main__":
    main()
