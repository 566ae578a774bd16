"""What `tally import` prints at its end."""

from collections import Counter
from typing import Any

from tally.commands import output as printing
from tally.importing.comparison import Comparison, Count
from tally.importing.journal import Journal


def show(journal: Journal, comparison: Comparison | None, output: str, *, dry_run: bool) -> None:
    """Print what was copied, the notes and problems, and how the brokers compare."""
    if output in {"json", "pretty"}:
        printing.document(_document(journal, comparison, dry_run=dry_run), output)
        return
    is_table = output == "table"
    if journal.copied or journal.present:
        _say_what_was_copied(journal, dry_run=dry_run, error=is_table)
    for text in journal.remarks:
        printing.say(f"Note: {text}.", "warning", error=is_table)
    for text in journal.problems:
        printing.say(f"Problem: {text}.", "error", error=is_table)
    if comparison is not None:
        _show_counts(comparison)
    if comparison is not None and not is_table:
        _say_how_they_compare(comparison)


def _say_what_was_copied(journal: Journal, *, dry_run: bool, error: bool) -> None:
    present = f"{sum(journal.present.values())} were there already"
    if not journal.copied.total():
        printing.say(f"Nothing to copy: {present}.", "success", error=error)
        return
    verb = "Would copy" if dry_run else "Copied"
    printing.say(f"{verb} {_listed(journal.copied)}. {present}.", "success", error=error)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{kind}: {number}" for kind, number in counts.items() if number)


def _show_counts(comparison: Comparison) -> None:
    rows = [
        (count.what, _shown(count.source), _shown(count.target), _verdict(count))
        for count in comparison.counts
    ]
    printing.table(("WHAT", "SOURCE", "TARGET", ""), rows)


def _say_how_they_compare(comparison: Comparison) -> None:
    for answers in comparison.differing:
        asked = answers.question
        printing.say(
            f"Can {asked.pacticipant} {asked.version} be deployed to {asked.environment}? "
            f"Source: {answers.source}. Target: {answers.target}. {_sentence(answers.reason)}".rstrip(),
            "error",
        )
    printing.say(_answers(comparison), "error" if comparison.differing else "success")
    if comparison.agrees:
        printing.say("Both brokers agree.", "success")
    else:
        printing.say("The brokers differ.", "error")


def _answers(comparison: Comparison) -> str:
    if not comparison.asked:
        return "can-i-deploy: nothing was asked, as nothing is deployed or released."
    same = comparison.asked - len(comparison.differing)
    return f"can-i-deploy: {same} of {comparison.asked} answers agree."


def _shown(number: int | None) -> str:
    return "not told" if number is None else str(number)


def _verdict(count: Count) -> str:
    if count.source == count.target:
        return "equal"
    return "not compared" if count.agrees else f"differs: {count.reason or 'see the problems above'}"


def _sentence(reason: str | None) -> str:
    return f"{reason}." if reason else ""


def _document(journal: Journal, comparison: Comparison | None, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dryRun": dry_run,
        "copied": {kind: number for kind, number in journal.copied.items() if number},
        "present": dict(journal.present),
        "notes": journal.remarks,
        "problems": journal.problems,
        "comparison": None if comparison is None else _compared(comparison),
    }


def _compared(comparison: Comparison) -> dict[str, Any]:
    return {
        "agrees": comparison.agrees,
        "counts": [
            {
                "what": count.what,
                "source": count.source,
                "target": count.target,
                "agrees": count.agrees,
                "reason": count.reason,
            }
            for count in comparison.counts
        ],
        "canIDeploy": {
            "asked": comparison.asked,
            "differing": [
                {
                    **vars(answers.question),
                    "source": answers.source,
                    "target": answers.target,
                    "reason": answers.reason,
                }
                for answers in comparison.differing
            ],
        },
    }
