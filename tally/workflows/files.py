"""Reading an Arazzo document from a file: JSON or YAML."""

from pathlib import Path

from tally.errors import InvalidContractError
from tally.json_text import plain
from tally.service_contract.files import load_any
from tally.workflows.model import WorkflowDocument
from tally.workflows.reading import read_workflows


def load_workflows(path: Path) -> WorkflowDocument:
    """Return the workflows in *path*; raises InvalidContractError, which names the file and the place."""
    document = plain(load_any(path))
    if document is None:
        raise InvalidContractError(f"{path}: the file is empty: write an Arazzo document, arazzo: 1.0.1")
    try:
        return read_workflows(document)
    except InvalidContractError as error:
        raise InvalidContractError(f"{path}: {error}") from error
