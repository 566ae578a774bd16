"""The documents of a service contract on the command line: files of every kind, each with its name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from tally.errors import InvalidContractError, UsageError
from tally.json_text import plain
from tally.service_contract.checks import check_service_contract
from tally.service_contract.files import load_as_written
from tally.service_contract.joining import joined
from tally.service_contract.json_schema_document import directed
from tally.service_contract.model import Direction, Specification
from tally.service_contract.parsing import names_its_language, parse_service_contract, specification_of
from tally.values import dataclass

Command = Callable[..., Any]


@dataclass(frozen=True)
class Document:
    """A document to publish. *warnings* are about doubtful parts of it."""

    file: Path
    content: dict[str, Any]
    specification: str
    name: str | None = None
    warnings: tuple[str, ...] = ()

    def item(self, name_of: str) -> dict[str, Any]:
        """Return what the broker is sent of it; *name_of* is the key of its name."""
        name = {} if self.name is None else {name_of: self.name}
        return {**name, "specification": self.specification, "content": self.content}


def kind_options(command: Command) -> Command:
    """Add the options that say what a document is that does not say it itself."""
    for option in (
        click.option(
            "--direction",
            type=click.Choice([direction.value for direction in Direction]),
            help="Whether the service sends or receives the message of a JSON Schema.",
        ),
        click.option(
            "--channel",
            multiple=True,
            metavar="NAME",
            help="The channel of the message of a JSON Schema; once for each such FILE, in order.",
        ),
        click.option(
            "--kind",
            type=click.Choice([kind.value for kind in Specification]),
            help="What FILE is, where it should not be guessed.",
        ),
    ):
        command = option(command)
    return command


def documents_of(  # noqa: PLR0913 - one for each option, and where it may read
    files: Sequence[Path],
    *,
    names: Sequence[str] = (),
    kind: str | None = None,
    channels: Sequence[str] = (),
    direction: str | None = None,
    within: Sequence[Path] | None = None,
) -> list[Document]:
    """Read *files*, which may refer to files *within* these folders alone, when they are given.

    Raises InvalidContractError, which names the file, and UsageError.
    """
    if len(names) not in {0, len(files)}:
        raise UsageError(
            f"--document is given {len(names)} times, for {len(files)} files: name each of them, in order."
        )
    read = [load_as_written(file, within=within) for file in files]
    schemas = [index for index, content in enumerate(read) if _is_schema(content, kind)]
    if len(channels) not in {0, len(schemas)}:
        raise UsageError(
            f"--channel is given {len(channels)} times, for {len(schemas)} JSON Schemas: give one for each."
        )
    if direction and not schemas:
        raise UsageError("--direction is for JSON Schemas: no FILE is one.")
    of_each: Sequence[str | None] = channels or [None] * len(schemas)
    for index, channel in zip(schemas, of_each, strict=True):
        read[index] = _directed(files[index], read[index], channel, direction)
    named: Sequence[str | None] = names or [None] * len(files)
    found = [
        checked_document(file, content, name, kind)
        for file, content, name in zip(files, read, named, strict=True)
    ]
    return with_names(found)


def _is_schema(content: dict[str, Any], kind: str | None) -> bool:
    return kind == Specification.JSON_SCHEMA.value or not names_its_language(content)


def _directed(
    file: Path, content: dict[str, Any], channel: str | None, direction: str | None
) -> dict[str, Any]:
    try:
        return directed(content, channel, Direction(direction) if direction else None)
    except InvalidContractError as error:
        raise InvalidContractError(f"{file}: {error}") from error


def checked_document(
    file: Path, content: dict[str, Any], name: str | None = None, kind: str | None = None
) -> Document:
    """Return a document that is a service contract. Raises InvalidContractError, which names *file*."""
    understood = plain(content)
    try:
        specification = specification_of(understood).value
        if kind not in {None, specification}:
            raise UsageError(f"{file} is not {kind}, as --kind says: it is {specification}.")
        warnings = check_service_contract(understood)
    except InvalidContractError as error:
        raise InvalidContractError(f"{file} is not a service contract: {error}") from error
    return Document(file, content, specification, name, warnings)


def with_names(found: list[Document]) -> list[Document]:
    """Return *found*; raises UsageError when two of them have the same name."""
    names: dict[str, Document] = {}
    for document in found:
        other = names.setdefault(document.name or document.specification, document)
        if other is not document:
            raise UsageError(
                f"{other.file} and {document.file} would have the same name: give each one, in order, with "
                "--document."
            )
    return found


def check_together(found: Sequence[Document]) -> None:
    """Raise InvalidContractError, which names both files, for an operation that two documents have."""
    if len(found) > 1:
        contracts = [parse_service_contract(plain(document.content)) for document in found]
        try:
            joined(contracts, [str(document.file) for document in found])
        except InvalidContractError as error:
            raise InvalidContractError(
                f"{error}. An operation is in one of the documents of a version: leave one out, or give it "
                "another id."
            ) from error
