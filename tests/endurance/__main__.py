"""The long form of the tests of kills, crashes, clocks and crowds; prints a table for docs/reliability.md.

PYTHONPATH=tests python -m endurance [PIECE …] [--share 0.1]
PYTHONPATH=tests python -m endurance --table

Each piece leaves its figures in build/endurance, so that pieces may run at different times; --table prints
what is there.
"""

import argparse
import os
import sys
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from endurance.pieces import PIECES, Piece
from support import databases, forking

FIGURES = Path("build/endurance")


def main() -> int:
    """Run the pieces that are asked for, or all; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="python -m endurance")
    parser.add_argument("pieces", nargs="*", choices=[[], *PIECES], metavar="PIECE", help=", ".join(PIECES))
    parser.add_argument("--share", type=float, default=1.0, help="of the whole length, such as 0.1")
    parser.add_argument("--table", action="store_true", help="run nothing; print what is known")
    asked = parser.parse_args()
    failed = [] if asked.table else _run(asked.pieces or [*PIECES], asked.share)
    print(table())
    return int(bool(failed))


def _run(names: list[str], share: float) -> list[str]:
    FIGURES.mkdir(parents=True, exist_ok=True)
    for name in [*os.environ]:
        if name.startswith(("PACT_BROKER_", "TALLY_")):
            del os.environ[name]  # what is set for the developer's own broker is not for the tests
    databases.begin_run()
    failed = []
    for name in names:
        began = time.monotonic()
        print(f"{name} …", flush=True)
        try:
            figures = _figures(PIECES[name], share)
        except Exception:  # noqa: BLE001 - the other pieces run all the same, and the table says which failed
            traceback.print_exc()
            figures = "**failed**"
            failed.append(name)
        (FIGURES / name).write_text(f"{figures}\n", encoding="utf-8")
        print(f"  {figures} ({time.monotonic() - began:.0f} s)", flush=True)
    forking.stop()
    return failed


def _figures(piece: Piece, share: float) -> str:
    with TemporaryDirectory(prefix="endurance-") as folder:
        return piece.run(Path(folder), share)


def table() -> str:
    """Return a line of Markdown for each piece, with the figures of its last run."""
    lines = ["| promised | short form, in `make test` | long form, in `make endure` | figures |"]
    lines.append("|---|---|---|---|")
    for name, piece in PIECES.items():
        file = FIGURES / name
        figures = file.read_text(encoding="utf-8").strip() if file.exists() else "not run"
        test = piece.short_form.rpartition("::")[2]
        lines.append(f"| {piece.promise} | `{test}` | {piece.long_form} | {figures} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
