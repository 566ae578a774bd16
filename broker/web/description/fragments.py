"""What several documents of the API have in common, and its errors (reference §1, §3)."""

from broker.web.description.notation import (
    BOOLEAN,
    MOMENT,
    TEXT,
    WHOLE,
    Property,
    Schema,
    an_object,
    many,
    one_of,
    schema,
)

STAMPS: dict[str, Property] = {"createdAt": MOMENT, "updatedAt?": MOMENT}
NAMED: dict[str, Property] = {"name": TEXT, "_links": "Links"}


def collection(rel: str, items: Property) -> Schema:
    """Return the schema of a HAL list: what is embedded under *rel*, in pages where there are any."""
    return an_object({"_embedded": an_object({rel: many(items)}), "page?": "Page", "_links": "Links"})


_FRAGMENTS: dict[str, Schema] = {
    "Link": an_object({"href": TEXT, "title?": TEXT, "name?": TEXT, "templated?": BOOLEAN}),
    "Links": {
        "type": "object",
        "description": "Links by relation (HAL)",
        "additionalProperties": {"anyOf": [schema("Link"), many("Link")]},
    },
    "Page": an_object({"number": WHOLE, "size": WHOLE, "totalElements": WHOLE, "totalPages": WHOLE}),
    "Notice": an_object(
        {"type": one_of("debug", "info", "warning", "prompt", "success", "error", "danger"), "text": TEXT}
    ),
    "Named": an_object(NAMED),
    "Numbered": an_object({"number": TEXT, "_links": "Links"}),
    "EmbeddedEnvironment": an_object(
        {"uuid": TEXT, "name": TEXT, "displayName": TEXT, "production": BOOLEAN, **STAMPS, "_links": "Links"}
    ),
    "BranchOfVersion": an_object({"name": TEXT, "latest": BOOLEAN, "_links": "Links"}),
    "Subjects": an_object(
        {"pacticipant?": "Named", "version?": "Numbered", "environment?": "EmbeddedEnvironment"}
    ),
}

_ERRORS: dict[str, Schema] = {
    "Error": {
        "description": "One sentence, sentences by field, or a list of sentences",
        "anyOf": [
            an_object({"error": {"anyOf": [TEXT, an_object({"message": TEXT, "reference?": TEXT})]}}),
            an_object({"errors": {"type": "object", "additionalProperties": many(TEXT)}}),
            an_object({"errors": many(TEXT)}),
        ],
    },
    "Conflict": an_object(
        {
            "notices?": many("Notice"),
            "errors?": {"type": "object", "additionalProperties": many(TEXT)},
            "error?": TEXT,
        }
    ),
    "Problem": an_object(
        {
            "title": TEXT,
            "type": TEXT,
            "status": WHOLE,
            "detail?": TEXT,
            "instance?": TEXT,
            "errors?": many(
                an_object(
                    {"type": TEXT, "title": TEXT, "detail": TEXT, "pointer?": TEXT, "parameter?": TEXT}
                ),
            ),
        },
        description="For clients whose Accept names application/problem+json",
    ),
}

SCHEMAS: dict[str, Schema] = _FRAGMENTS | _ERRORS
