"""What `tally mcp` costs: CPU until it has answered `initialize`, beside that of the protocol's library.

The target is 0.2 s over the import of the library's server. Runs take turns, and the least counts: whatever
else the machine does can only add to it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from support.contract_documents import an_openapi
from support.factories import a_pact
from support.serving import TALLY

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
TARGET = 0.2
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "1"},
    },
}
LIBRARY = [sys.executable, "-c", "import mcp.server.lowlevel"]
BROKER = ["--broker-base-url", "http://127.0.0.1:9"]


def cpu_seconds(command: Sequence[object], *, asks: bool) -> float:
    """Return user and system time of a command, which answers `initialize` if it *asks*."""
    process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdin is None or process.stdout is None:
        raise AssertionError("pipes are there")
    if asks:
        process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        process.stdin.flush()
        if "serverInfo" not in json.loads(process.stdout.readline())["result"]:
            raise AssertionError("initialize is not answered")
    process.stdin.close()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise AssertionError(f"it ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    with TemporaryDirectory() as folder:
        pact, contract = Path(folder, "pact.json"), Path(folder, "openapi.json")
        pact.write_text(json.dumps(a_pact()))
        contract.write_text(json.dumps(an_openapi()))
        files = ["--pacts", str(pact), "--contract", str(contract)]
        commands = {
            "the interpreter alone": [sys.executable, "-c", "pass"],
            "import mcp.server.lowlevel": LIBRARY,
            "tally mcp, with a broker": [TALLY, "mcp", *BROKER],
            "tally mcp, with a pact": [TALLY, "mcp", "--pacts", str(pact)],
            "tally mcp, with a pact and a service contract": [TALLY, "mcp", *files],
        }
        least = dict.fromkeys(commands, float("inf"))
        for _ in range(ROUNDS):
            for name, command in commands.items():
                least[name] = min(least[name], cpu_seconds(command, asks=name.startswith("tally mcp")))
    library = least["import mcp.server.lowlevel"]
    print(f"{'CPU until initialize is answered':50} {'s':>6} {'over the library':>17} {'ratio':>6}")
    for name, seconds in least.items():
        print(f"{name:50} {seconds:6.3f} {seconds - library:+17.3f} {seconds / library:6.2f}")
    over = least["tally mcp, with a broker"] - library
    kept = "kept" if over <= TARGET else "MISSED"
    print(f"At most {TARGET} s over the library, with a broker: {kept} ({over:.3f} s).")


if __name__ == "__main__":
    main()
