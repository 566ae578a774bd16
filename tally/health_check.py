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


def complaint(name: str, default: str) -> str:
    """Return what is wrong with who listens at the port of this setting, "" when it is alive."""
    variable, port = setting(name, default)
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
    """Look, and end with the code. One image is for both: where no server answers, a worker may."""
    if sys.argv[1:]:
        sys.exit("tally-health takes no options, but TALLY_HOST, TALLY_PORT and TALLY_WORKER_HEALTH_PORT")
    found = complaint("PORT", "9292")
    if found and setting("WORKER_HEALTH_PORT", "0")[1] != "0":
        of_worker = complaint("WORKER_HEALTH_PORT", "0")
        found = f"{found}; {of_worker}" if of_worker else ""
    sys.exit(f"tally-health: {found}" if found else 0)


if __name__ == "__main__":
    main()
