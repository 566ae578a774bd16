"""What a test declares: a request with its response, a message, or a message with its replies."""

from consumer_sdk.declarations.declaration import Declaration
from consumer_sdk.declarations.declared_once import DeclaredOnce
from consumer_sdk.declarations.exchanges import Exchange, ExchangeDeclaration, Send
from consumer_sdk.declarations.http import HttpDeclaration
from consumer_sdk.declarations.messages import Deliver, Message, MessageDeclaration
from consumer_sdk.documents.declared import (
    Body,
    Content,
    DeclaredMessage,
    DeclaredPart,
    DeclaredRequest,
    DeclaredResponse,
    Fields,
    Value,
    default_content_type,
)

__all__ = [
    "Body",
    "Content",
    "Declaration",
    "DeclaredMessage",
    "DeclaredOnce",
    "DeclaredPart",
    "DeclaredRequest",
    "DeclaredResponse",
    "Deliver",
    "Exchange",
    "ExchangeDeclaration",
    "Fields",
    "HttpDeclaration",
    "Message",
    "MessageDeclaration",
    "Send",
    "Value",
    "default_content_type",
]
