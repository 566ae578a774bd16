"""What `tally record` prints: what became of the requests, and what a person has to decide."""

from pathlib import Path

from tally.amounts import counted
from tally.commands import output as printing
from tally.drafts.draft import FOR_ALL, Draft
from tally.drafts.folding import Folding, printable


def show(draft: Draft, folding: Folding, path: Path) -> None:
    """Print the interactions, what was left out and redacted, and the questions."""
    printing.say(
        f"Draft: {path} ({counted(folding.count, 'request')}, "
        f"{counted(len(draft.interactions), 'interaction')})",
        "success",
    )
    for each in draft.interactions:
        printing.say(f"  {each.description}" + (f", {each.count} times" if each.count > 1 else ""))
    if folding.left_out:
        printing.say("\nNot recorded:")
        for reason, count in folding.left_out.items():
            printing.say(f"  {printable(reason)} ({count})")
    is_redacted = any(each.redacted for each in draft.interactions)
    printing.say("\nRedacted:" if is_redacted else "\nRedacted: nothing")
    for each in draft.interactions:
        if each.redacted:
            printing.say(f"  {each.description}: {printable(', '.join(each.redacted))}", "warning")
    printing.say("\nTo decide, before this is a contract:")
    for question in FOR_ALL:
        printing.say(f"  - {question}")
    for each in draft.interactions:
        if each.questions:
            printing.say(f"  {each.description}")
        for question in each.questions:
            printing.say(f"    - {printable(question)}")
