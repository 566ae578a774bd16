"""The parameters of the API: each is described once, whatever routes have it."""

from broker.web.description.notation import MOMENT, TEXT, Schema, many, one_of

IN_PATH = {
    "branch": "Name of a branch",
    "consumer": "Name of the pacticipant that consumes",
    "consumerApplicationVersion": "Number of a version of the consumer",
    "environment": "Name of an environment",
    "environmentTag": "Name of the tag that marks what is at the destination",
    "label": "Name of a label",
    "metadata": "What the broker told the verifier about the pact, to be sent back as it is",
    "number": "Number of a result: 1, 2, 3, …",
    "other_version": "Number of the other version of the consumer",
    "pactVersion": "Hash of the other content",
    "pacticipant": "Name of a pacticipant",
    "provider": "Name of the pacticipant that provides",
    "provider_tag": "Name of a tag of the provider's version",
    "secret": "Name of a secret",
    "sha": "Hash of the content of a contract",
    "tag": "Name of a tag",
    "uuid": "Identifier, as links have it",
    "version": "Number of a version",
}
_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_TRUE = TEXT

IN_QUERY: dict[str, tuple[str, Schema]] = {
    "page": ("Page to show, with `size`", _NUMBER),
    "size": ("Items on a page", _NUMBER),
    "pageNumber": ("Old name of `page`, which counts when both are there", TEXT),
    "pageSize": ("Old name of `size`", TEXT),
    "q": ("Part of the name; upper and lower case are the same", TEXT),
    "name": ("Name of the environment to list", TEXT),
    "pacticipant": ("Name of a pacticipant", TEXT),
    "version": ("Number of a version", TEXT),
    "environment": ("Name of an environment", TEXT),
    "to": ("Tag that marks what is at the destination", TEXT),
    "tag": ("Tag of what is at the destination", TEXT),
    "mainBranch": ("Whether the destination is the main branches", _TRUE),
    "latest": ("Whether only the latest of the destination counts", _TRUE),
    "latestby": ("Which results are shown: the newest of each group", one_of("cvpv", "cvp", "cp")),
    "limit": ("Most rows to show", _NUMBER),
    "wait": (
        "Seconds for which the answer may be held back while results are missing",
        {"type": "integer", "minimum": 0, "maximum": 60},
    ),
    "at": ("Moment in the past, with a time zone, to answer about: 2026-10-01T00:00:00Z", MOMENT),
    "success[]": (
        "Which results to show; empty for those that do not exist",
        many(one_of("true", "false", "")),
    ),
    "q[][pacticipant]": ("Name of a pacticipant; begins a selector", many(TEXT)),
    "q[][version]": ("Number of the version of a selector", many(TEXT)),
    "q[][branch]": ("Branch of a selector", many(TEXT)),
    "q[][tag]": ("Tag of a selector", many(TEXT)),
    "q[][environment]": ("Environment of a selector", many(TEXT)),
    "q[][mainBranch]": ("Whether a selector means the main branch", many(_TRUE)),
    "q[][latest]": ("Whether a selector means only the latest", many(_TRUE)),
    "ignore[]": ("Names of pacticipants that do not count", many(TEXT)),
    "ignore[][pacticipant]": ("Name of a pacticipant that does not count", many(TEXT)),
    "ignore[][version]": ("Its version, if others do count", many(TEXT)),
    "applicationInstance": ("Instance that the version is deployed to; empty for none", TEXT),
    "target": ("Old name of `applicationInstance`", TEXT),
    "exclude[]": ("Branches to keep, beside the main branch", many(TEXT)),
    "consumer_version_selectors[][tag]": ("Tag of the consumer versions; begins a selector", many(TEXT)),
    "consumer_version_selectors[][latest]": ("Whether only the latest with the tag counts", many(_TRUE)),
    "consumer_version_selectors[][fallback_tag]": ("Tag to use when there is none of the first", many(TEXT)),
    "consumer_version_selectors[][consumer]": ("The only consumer of a selector", many(TEXT)),
    "provider_version_tags[]": ("Tags of the provider's version", many(TEXT)),
    "include_pending_status": ("Whether to tell which pacts are pending", _TRUE),
    "include_wip_pacts_since": ("Date from which work in progress is included", TEXT),
    "label": ("Text on the left of a badge", TEXT),
    "maxPacticipants": ("How many applications are enough", {"type": "integer", "minimum": 1}),
    "dryRun": ("`true` to see the request and not send it", TEXT),
    "initials": ("Whether a badge shows only the initials of names", _TRUE),
}
IN_HEADER: dict[str, tuple[str, tuple[str, ...]]] = {
    "If-None-Match": (
        "ETag of what the client has: it is not sent again. `*` with a change: only if there is nothing yet",
        ("GET", "PUT", "PATCH"),
    ),
    "If-Match": ("ETag of what the client has read: nothing else is changed", ("PUT", "PATCH", "DELETE")),
}
"""Headers with their description, and the methods that look at them."""
PAGE = ("page", "size", "pageNumber", "pageSize")
SELECTORS = tuple(name for name in IN_QUERY if name.startswith(("q[]", "ignore[]")))
