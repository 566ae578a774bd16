"""What a declaration becomes in a pact file: pure functions, without pact-python."""

from consumer_sdk.documents.interactions import interaction_document, list_of
from consumer_sdk.documents.json_values import json_value

__all__ = ["interaction_document", "json_value", "list_of"]
