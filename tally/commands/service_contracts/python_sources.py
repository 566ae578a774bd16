"""Documents that are no files: those of applications and of interfaces in Python."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tally.commands.service_contracts.documents import Document, check_together, checked_document, with_names
from tally.errors import UsageError

Command = Callable[..., Any]


def python_options(command: Command) -> Command:
    """Add the options that name what a document is made of, instead of a file."""
    for option in (
        click.option(
            "--interface",
            "interfaces",
            multiple=True,
            metavar="MODULE:CLASS",
            help="Publish the contract of this class with type hints, such as shop.services:Orders.",
        ),
        click.option(
            "--app",
            "apps",
            multiple=True,
            metavar="MODULE:APP",
            help="Publish the OpenAPI document of this FastAPI, Flask, Django or Litestar app.",
        ),
    ):
        command = option(command)
    return command


def documents_from_python(
    files: Sequence[Document], *, apps: Sequence[str], interfaces: Sequence[str], service: str
) -> list[Document]:
    """Return the documents of *files*, and those of *apps* and *interfaces*, each imported from here.

    Raises UsageError and InvalidContractError, which name the option.
    """
    found = list(files)
    for app in apps:
        from tally.interfaces.apps import document_of_app  # noqa: PLC0415 - few publish an app

        found.append(checked_document(Path(f"--app {app}"), document_of_app(app)))
    for interface in interfaces:
        from tally.interfaces.document import document_of  # noqa: PLC0415 - few publish an interface

        document = document_of(interface, service=service)
        found.append(checked_document(Path(f"--interface {interface}"), document))
    if not found:
        raise UsageError("What is the contract? Give a FILE, --app or --interface.")
    named = with_names([_named(each, found) for each in found])
    check_together(named)
    return named


def _named(document: Document, found: Sequence[Document]) -> Document:
    """Name several interfaces by their classes: their documents would be called alike."""
    source = str(document.file)
    alike = [each for each in found if each.specification == document.specification and each.name is None]
    if document.name is not None or not source.startswith("--interface ") or len(alike) == 1:
        return document
    return replace(document, name=source.rpartition(":")[2])
