"""Schemas of any draft as self-contained JSON Schemas 2020-12."""

from tally.json_schema.drafts import Draft
from tally.json_schema.metaschemas import check_depth, check_schema
from tally.json_schema.resources import Resources
from tally.json_schema.schema import Schema
from tally.json_schema.self_contained import SchemaReader
from tally.json_schema.vocabulary import OF_SCHEMAS


def modern(schema: Schema, draft: Draft | None = None) -> Schema:
    """Return *schema* as a JSON Schema 2020-12 that accepts the same values and refers to its `$defs` only.

    Its draft is what `$schema` says, or else *draft*, or else 2020-12. Raises InvalidContractError, with the
    place, for what is no schema of that draft, or refers to something outside itself.
    """
    check_depth(schema)
    resources = Resources(schema, OF_SCHEMAS, draft)
    check_schema(schema, "", resources.root.draft)
    home = "$defs" if isinstance(schema, dict) and "$defs" in schema else "definitions"
    return SchemaReader(resources, home=home, check=check_schema).read(schema, "")
