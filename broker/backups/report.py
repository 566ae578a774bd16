"""What the commands for backups print."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from broker.backups.restoring import Restored
from broker.backups.taking import Taken
from broker.storage.backups.manifest import Manifest, manifest_beside
from tally.commands.output import document, say, table

_THOUSAND = 1000


def show_taken(taken: Taken, output: str) -> None:
    """Print what was backed up."""
    manifest, is_table = taken.manifest, output == "table"
    if output in {"json", "pretty"}:
        document(
            {"backup": str(taken.path), "seconds": round(taken.seconds, 3), **_facts(manifest)}
            | _found(taken.problems),
            output,
        )
    else:
        say(
            f"Wrote {taken.path}: {_size(manifest.size)}, {sum(manifest.rows.values())} rows, in "
            f"{taken.seconds:.1f} s.",
            "success",
            error=is_table,
        )
        _show_keys(manifest, error=is_table)
        if is_table:
            _show_rows(manifest.rows)
        _say_problems(taken.problems, error=is_table)
    if taken.not_noted:
        click.echo(f"Warning: the database does not take a note of the backup: {taken.not_noted}", err=True)


def _show_keys(manifest: Manifest, *, error: bool) -> None:
    if manifest.keys:
        keys = " and ".join(manifest.keys)
        say(f"The keys of secrets are not in it. It needs the key {keys}: keep that elsewhere.", error=error)


def show_restored(restored: Restored, output: str) -> None:
    """Print what was restored, and what to think of."""
    is_table, manifest = output == "table", restored.source.manifest
    if output in {"json", "pretty"}:
        document(_restored(restored), output)
    else:
        rows = sum(restored.rows.values())
        say(
            f"Restored {restored.source.path}: {rows} rows, in {restored.seconds:.1f} s.",
            "success",
            error=is_table,
        )
        say(
            f"Log-ins ended: {restored.ended.log_ins}. Webhooks not sent: {restored.ended.deliveries}.",
            error=is_table,
        )
        if is_table:
            _show_rows(restored.rows)
        _say_problems(restored.problems, error=is_table)
    if manifest is not None:
        click.echo(
            f"What was changed after {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC is not there: tokens that "
            "were revoked and accounts that were disabled since then work again.",
            err=True,
        )
    else:
        click.echo(
            f"Warning: there is no {manifest_beside(restored.source.path)}: rows were not compared.", err=True
        )
    if restored.unreadable:
        key = f" {manifest.keys[0]}" if manifest and manifest.keys else ""
        click.echo(
            f"Warning: {restored.unreadable} secrets and webhooks need the key{key}, which is missing: give "
            "it in TALLY_SECRETS_KEY.",
            err=True,
        )
    if restored.of_root:
        click.echo(
            f"Warning: {restored.of_root} belongs to root, and its folder does not. The broker cannot open "
            f"it before: chown --reference={restored.of_root.parent} {restored.of_root}*",
            err=True,
        )


def show_problems(file: Path, problems: Sequence[str], output: str, *, only_the_file: bool = False) -> None:
    """Print what is wrong with a backup; *only_the_file* was read, or what is in it, too."""
    if output in {"json", "pretty"}:
        document({"backup": str(file), **_found(problems), "verified": not only_the_file}, output)
    elif output == "table":
        table(("PROBLEM",), [(problem,) for problem in problems])
    elif only_the_file and not problems:
        say(
            "The file can be read whole. To look at what is in it, name an empty database: --scratch-url",
            "success",
        )
    else:
        _say_problems(problems, error=False)


def _say_problems(problems: Sequence[str] | None, *, error: bool) -> None:
    for problem in problems or ():
        say(f"Problem: {problem}.", "error", error=error)
    if problems is not None and not problems:
        say("Nothing is wrong with it.", "success", error=error)


def _show_rows(rows: Mapping[str, int]) -> None:
    table(("TABLE", "ROWS"), [(name, str(count)) for name, count in sorted(rows.items())])


def _found(problems: Sequence[str] | None) -> dict[str, Any]:
    return {"verified": problems is not None, "problems": list(problems or ())}


def _facts(manifest: Manifest) -> dict[str, Any]:
    return {
        "database": manifest.database,
        "release": manifest.release,
        "schema": manifest.schema,
        "takenAt": manifest.taken_at.isoformat(),
        "bytes": manifest.size,
        "sha256": manifest.sha256,
        "keys": list(manifest.keys),
        "rows": dict(manifest.rows),
    }


def _restored(restored: Restored) -> dict[str, Any]:
    return {
        "backup": str(restored.source.path),
        "database": restored.source.kind,
        "schema": restored.schema,
        "seconds": round(restored.seconds, 3),
        "rows": dict(restored.rows),
        "logInsEnded": restored.ended.log_ins,
        "deliveriesNotSent": restored.ended.deliveries,
        "needingAnotherKey": restored.unreadable,
        **_found(restored.problems),
    }


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB"):
        if size < _THOUSAND:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= _THOUSAND
    return f"{size:.1f} GB"
