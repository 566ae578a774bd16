"""Whatever a client can set has a limit: each list, text and object of a body, and each list of a query."""

import pytest

from broker.app import create_app
from broker.domain import limits
from broker.settings.settings import Settings
from broker.storage.database import Database
from broker.storage.migrations import upgrade
from broker.web.description.notation import TEXT, an_object, many

DOCUMENTS = ("NewPact", "Ignored", "testResults", "verifiedBy", "content")
"""What is JSON or text of any form: bounded by the size of the body, and by the number of its values."""


@pytest.fixture(scope="module")
def description():
    database = Database("sqlite://")
    upgrade(database)
    app = create_app(Settings(), database)
    yield app.test_client().get("/openapi.json").json
    database.close()


def unbounded(schema, place):  # noqa: C901 - one branch for each kind of schema
    """Yield the places in a schema at which a client can send as much as it likes."""
    kinds = schema.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    known = {"$ref", "enum", "const", "anyOf"} & schema.keys()
    if place[-1] in DOCUMENTS or schema.get("format") in {"date", "date-time"}:
        return
    if not kinds and not known and " bytes as JSON" not in schema.get("description", ""):
        yield place
    if "string" in kinds and "enum" not in schema and "maxLength" not in schema:
        yield place
    if "array" in kinds:
        if "maxItems" not in schema:
            yield place
        yield from unbounded(schema["items"], [*place, "[]"])
    if "object" in kinds:
        is_open = "properties" not in schema or schema.get("additionalProperties", False) is not False
        if (
            is_open
            and "maxProperties" not in schema
            and " bytes as JSON" not in schema.get("description", "")
        ):
            yield place
        for name, inner in schema.get("properties", {}).items():
            yield from unbounded(inner, [*place, name])
        if isinstance(schema.get("additionalProperties"), dict):
            yield from unbounded(schema["additionalProperties"], [*place, "*"])
    for inner in schema.get("anyOf", ()):
        yield from unbounded(inner, place)


def test_every_list_and_text_of_a_body_is_bounded(description):
    schemas = description["components"]["schemas"]
    taken = {
        content["schema"]["$ref"].rpartition("/")[2]
        for path in description["paths"].values()
        for operation in path.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
    }
    taken |= {name for name in schemas if name.endswith("Selector")}

    assert [place for name in sorted(taken) for place in unbounded(schemas[name], [name])] == []


def test_every_list_of_a_query_is_bounded(description):
    parameters = [
        parameter
        for path in description["paths"].values()
        for operation in path.values()
        for parameter in operation["parameters"]
    ]

    assert [
        item["name"]
        for item in parameters
        if item["schema"].get("type") == "array" and "maxItems" not in item["schema"]
    ] == []


@pytest.mark.parametrize(
    "schema",
    [an_object({"a": TEXT}), many({"type": "integer"}), {"type": "object"}, {}, an_object({"a?": {}})],
)
def test_what_is_not_bounded_is_found(schema):
    assert list(unbounded(schema, ["Test"]))


def test_no_limit_is_missing_in_the_table_of_the_docs(read_docs):
    numbers = {value for name, value in vars(limits).items() if name.isupper() and name != "WHOLE_NUMBER"}
    table = read_docs("api-differences.md").partition("## How much may be sent")[2].partition("\n## ")[0]

    assert [number for number in numbers if f"| {number}" not in table] == []


@pytest.fixture
def read_docs(request):
    docs = request.config.rootpath / "docs"
    return lambda name: (docs / name).read_text()
