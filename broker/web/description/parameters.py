"""The parameters that several views have: each is described once.

A parameter of the query string that only one view has is described in its decorator.
"""

from broker.domain import limits
from broker.web import idempotency
from broker.web.description.notation import MOMENT, TEXT, Schema, many, one_of, or_blank
from broker.web.description.operation import QueryParameter

IN_PATH = {
    "account": "Name of an account",
    "branch": "Name of a branch",
    "consumer": "Name of the pacticipant that consumes",
    "consumerApplicationVersion": "Number of a version of the consumer",
    "document": "Name of a document of a service contract",
    "environment": "Name of an environment",
    "environmentTag": "Name of the tag of the versions at the destination",
    "label": "Name of a label",
    "metadata": "What the broker told the verifier about the pact, sent back unchanged",
    "number": "Number of a result: 1, 2, 3, …",
    "other_version": "Number of the other version of the consumer",
    "pactVersion": "Hash of the other content",
    "pacticipant": "Name of a pacticipant",
    "provider": "Name of the pacticipant that provides",
    "provider_tag": "Name of a tag of the provider's version",
    "secret": "Name of a secret",
    "sha": "Hash of the content of a contract",
    "tag": "Name of a tag",
    "team": "Name of a team",
    "uuid": "Identifier, as links have it",
    "version": "Number of a version",
}
LARGEST_NUMBER = 2**31 - 1
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER}
FLAG = one_of("true", "false")
FLAG_OR_BLANK = or_blank(FLAG)

PAGE = (
    QueryParameter("page", "Page to show, with `size`", NUMBER),
    QueryParameter("size", "Items on a page", NUMBER),
    QueryParameter("pageNumber", "Old name of `page`, which wins when both are given", NUMBER),
    QueryParameter("pageSize", "Old name of `size`", NUMBER),
)
SEARCH = QueryParameter("q", "Part of the name; case does not matter")
PACTICIPANT = QueryParameter("pacticipant", "Name of a pacticipant")
VERSION = QueryParameter("version", "Number of a version")
ENVIRONMENT = QueryParameter("environment", "Name of an environment")
WAIT = QueryParameter(
    "wait",
    "Seconds to wait for missing results before answering",
    or_blank({"type": "integer", "minimum": 0, "maximum": 60}),
)
AT = QueryParameter(
    "at", "Answer as of this moment in the past, with a time zone: 2026-10-01T00:00:00Z", or_blank(MOMENT)
)
VERSION_SELECTORS = (
    QueryParameter(
        "q[][pacticipant]", "Name of a pacticipant; begins a selector", many(TEXT, maxItems=limits.SELECTORS)
    ),
    QueryParameter(
        "q[][version]", "Number of the version of a selector", many(TEXT, maxItems=limits.SELECTORS)
    ),
)
IGNORED = (
    QueryParameter("ignore[]", "Names of pacticipants to ignore", many(TEXT, maxItems=limits.SELECTORS)),
    QueryParameter(
        "ignore[][pacticipant]", "Name of a pacticipant to ignore", many(TEXT, maxItems=limits.SELECTORS)
    ),
)
IN_HEADER: dict[str, tuple[str, tuple[str, ...], Schema]] = {
    "If-None-Match": (
        "ETag of the client's copy: an unchanged document is not sent again. With a change, `*`: only create",
        ("GET", "PUT", "PATCH"),
        TEXT,
    ),
    "If-Match": (
        "ETag of what the client has read: only that state is changed, or shown",
        ("GET", "PUT", "PATCH", "DELETE"),
        TEXT,
    ),
    "Idempotency-Key": (
        "A text of the client's, for this request alone: sent again with it, the request is not run twice",
        ("POST", "PUT", "PATCH", "DELETE"),
        {**TEXT, "pattern": idempotency.PATTERN},
    ),
}
"""Headers with their description, the methods that look at them, and their schemas."""
