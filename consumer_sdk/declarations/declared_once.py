"""What one recorder has declared: the same description and states may not mean two things."""

import json
from typing import Any

from consumer_sdk.declarations.declaration import Declaration
from consumer_sdk.documents.interactions import interaction_document
from consumer_sdk.errors import ConflictError
from tally import json_text


class DeclaredOnce:
    """The interactions of one recorder, by description and states."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[dict[str, Any], str]] = {}

    def document(self, declaration: Declaration) -> dict[str, Any]:
        """Return the interaction as the pact file has it.

        Raises ConflictError, with both places, when another has the same description and states.
        """
        __tracebackhide__ = True
        document = interaction_document(declaration, declaration.specification)
        states = document.get("providerStates") or document.get("providerState")
        identity = json.dumps([declaration.kind, declaration.description, states], default=str)
        known, source = self._known.setdefault(identity, (document, declaration.source))
        if known is not document and json_text.compact(known) != json_text.compact(document):
            raise ConflictError(
                f'"{declaration.description}" is declared twice, with equal states and different content:\n'
                f"  first at   {source}\n"
                f"  then at    {declaration.source}\n"
                "Give one of them another description or other provider states, or make them equal."
            )
        return document
