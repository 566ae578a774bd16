"""Which workflows are executed, and what each has to wait for. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tally.errors import UsageError
from tally.values import dataclass
from tally.workflows.binding import BoundDocument
from tally.workflows.model import Priority, Workflow, called_by
from tally.workflows.parts import suggestion

Key = tuple[str, str]
"""A workflow by the name of its document and its id."""


@dataclass(frozen=True)
class Planned:
    """A workflow that will be executed, after those of *needs*.

    *priority* is that of the most urgent workflow that waits for it.
    """

    bound: BoundDocument
    workflow: Workflow
    needs: tuple[Key, ...]
    priority: Priority

    @property
    def key(self) -> Key:
        """What tells it from the others."""
        return self.bound.name, self.workflow.id


@dataclass(frozen=True)
class Selection:
    """Which workflows the user wants: with any of these tags, and any of these ids; all without any."""

    tags: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """The workflows in the order in which they should begin. *notes* say what was added or left out."""

    workflows: tuple[Planned, ...]
    notes: tuple[str, ...] = ()


def planned(bounds: Sequence[BoundDocument], selection: Selection) -> Plan:
    """Return what is executed: the workflows that are wanted, and those that they depend on.

    Raises UsageError for a tag or an id that no workflow has, and where nothing would be executed.
    """
    _check_selection(bounds, selection)
    wanted, notes = _wanted(bounds, selection)
    if not wanted:
        raise UsageError(
            "Every workflow is called by another one, so none is executed by itself: say with --workflow "
            "where to begin."
        )
    found: dict[Key, Planned] = {}
    for bound, workflow in wanted:
        _add(bound, workflow, found)
    added = found.keys() - {(bound.name, workflow.id) for bound, workflow in wanted}
    notes += [f"{name} is executed too, because others depend on it." for _, name in sorted(added)]
    urgent = _with_urgency(found)
    return Plan(tuple(sorted(urgent.values(), key=lambda each: each.priority)), tuple(notes))


def _check_selection(bounds: Sequence[BoundDocument], selection: Selection) -> None:
    workflows = [workflow for bound in bounds for workflow in bound.document.workflows]
    tags = {tag for workflow in workflows for tag in workflow.tags}
    for tag in selection.tags:
        if tag not in tags:
            known = f" {suggestion(tag, list(tags))}." if tags else " No workflow has x-contract-tags."
            raise UsageError(f"--tag {tag}: no workflow has this tag.{known}")
    ids = [workflow.id for workflow in workflows]
    for name in selection.ids:
        if name not in ids:
            raise UsageError(f"--workflow {name}: there is no such workflow; {suggestion(name, ids)}")


def _wanted(
    bounds: Sequence[BoundDocument], selection: Selection
) -> tuple[list[tuple[BoundDocument, Workflow]], list[str]]:
    if selection.tags or selection.ids:
        chosen = [
            (bound, workflow)
            for bound in bounds
            for workflow in bound.document.workflows
            if workflow.id in selection.ids or not set(selection.tags).isdisjoint(workflow.tags)
        ]
        return chosen, []
    wanted, notes = [], []
    for bound in bounds:
        called = set(_called_in(bound))
        wanted += [(bound, workflow) for workflow in bound.document.workflows if workflow.id not in called]
        notes += [
            f"{workflow.id} is executed only where another workflow calls it."
            for workflow in bound.document.workflows
            if workflow.id in called
        ]
    return wanted, notes


def _called_in(bound: BoundDocument) -> Iterator[str]:
    """Yield the ids of the workflows that others of the document call."""
    for workflow in bound.document.workflows:
        for reference in called_by(workflow):
            if reference.source is None and reference.id != workflow.id:
                yield reference.id


def _add(bound: BoundDocument, workflow: Workflow, found: dict[Key, Planned]) -> None:
    """Add *workflow* to *found*, after what it depends on, also in other documents.

    That goes in no circle: neither workflows of a document do, nor documents.
    """
    key = (bound.name, workflow.id)
    if key in found:
        return
    needs = []
    for reference in workflow.depends_on:
        other = bound.others[reference.source] if reference.source else bound
        needed = other.document.workflow(reference.id)
        if needed is None:
            raise AssertionError("references are checked when documents are read")
        _add(other, needed, found)
        needs.append((other.name, needed.id))
    found[key] = Planned(bound, workflow, tuple(needs), workflow.priority)


def _with_urgency(found: dict[Key, Planned]) -> dict[Key, Planned]:
    """Return the workflows, each at least as urgent as those that wait for it."""
    urgent = dict(found)
    for key in reversed(list(found)):  # what is needed was found before
        for needed in urgent[key].needs:
            priority = min(urgent[needed].priority, urgent[key].priority)
            urgent[needed] = replace(urgent[needed], priority=priority)
    return urgent
