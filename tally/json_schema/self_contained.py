"""The schemas of a document as self-contained JSON Schemas 2020-12."""

from collections.abc import Callable, Mapping
from typing import Any

from tally.errors import InvalidContractError
from tally.json_schema.drafts import Draft, in_modern_words, keywords_without_effect
from tally.json_schema.evaluations import Evaluations
from tally.json_schema.pointers import definition_reference, in_fragment, pointer_parts
from tally.json_schema.resources import Resource, Resources
from tally.json_schema.schema import Schema, map_placed_subschemas

# References are turned into places in our own $defs, so what only served references is left out.
_LEFT_OUT = frozenset(
    [
        "$anchor",
        "$comment",
        "$defs",
        "$dynamicAnchor",
        "$dynamicRef",
        "$id",
        "$recursiveAnchor",
        "$recursiveRef",
        "$schema",
        "$vocabulary",
        "definitions",
    ]
)

MOST_FOLLOWED = 200_000
"""References that are followed in one document: each takes some microseconds."""

MOST_DEFINITIONS = 5_000
"""Definitions that one schema leads to: a validator takes longer for each the more there are."""
MOST_REWRITTEN = 4_000_000
"""Schema objects of one document, counted as often as something leads to them for itself."""
MOST_EVALUATED = 100_000
"""Schemas that are looked at for one place of a value."""
MOST_WARNINGS = 20
_Key = tuple[str, frozenset[str]]
_Wanted = dict[str, str]


class SchemaReader:
    """Make the schemas of a document self-contained: what they refer to is put into their `$defs`.

    *home* is where the document keeps its schemas ("components/schemas"): there they have names, elsewhere
    pointers. *check* is called with each schema outside its home that something refers to, the place that
    refers to it, and its draft; it raises InvalidContractError when that is no schema. *check_all* says that
    nothing has checked the others either. *warnings*, of what has been read, are about keywords that say
    nothing in their draft: 20 at most.
    *is_bounded* refuses schemas that ask too much of who validates by them.
    """

    def __init__(
        self,
        resources: Resources,
        *,
        home: str,
        check: Callable[[Any, str, Draft], None],
        check_all: bool = False,
        is_bounded: bool = True,
    ) -> None:
        self._resources = resources
        self._is_bounded = is_bounded
        self._check_all = check_all
        self.warnings: list[str] = []
        self._home = f"/{home}/"
        self._check = check
        self._followed = 0
        self._rewritten = 0
        self._work: dict[int, Evaluations] = {}
        self._closures: dict[_Key, dict[str, Schema]] = {}
        self._definitions: dict[_Key, dict[str, Schema]] = {}
        self._read: dict[tuple[str, str], tuple[Schema, _Wanted]] = {}

    def read(self, schema: Schema, place: str, *, ignore_required: str = "") -> Schema:
        """Return *schema*, which stands at *place*, in a form that needs no document.

        *ignore_required* is "readOnly" in requests and "writeOnly" in responses: properties marked so need
        not be there (OpenAPI). Raises InvalidContractError when it refers to nothing.
        """
        if self._check_all:
            self._check(schema, place, self._resources.enclosing(place).draft)
        converted, wanted = self._convert(schema, place, ignore_required)
        key = (ignore_required, frozenset(wanted))
        if key not in self._closures:
            self._closures[key] = self._closure(wanted, place, ignore_required)
        definitions = self._closures[key]
        if self._is_bounded:
            self._check_work(converted, definitions, place)
        if not definitions or isinstance(converted, bool):
            return converted
        return {**converted, "$defs": definitions}

    def _check_work(self, schema: Schema, definitions: dict[str, Schema], place: str) -> None:
        work = self._work.get(id(definitions))
        if work is None:
            work = self._work[id(definitions)] = Evaluations(definitions)
        if max(work.heaviest, work.of(schema)) > MOST_EVALUATED:
            raise InvalidContractError(
                f"{place}: the schemas combine too many alternatives: more than {MOST_EVALUATED:,} would be "
                "looked at for one value"
            )

    def _closure(self, wanted: _Wanted, place: str, ignore_required: str) -> dict[str, Schema]:
        definitions: dict[str, Schema] = {}
        waiting = sorted(wanted.items())
        while waiting:
            address, origin = waiting.pop()
            name = _name(address, self._home)
            if name not in definitions:
                definitions[name], more = self._target(address, origin, ignore_required)
                waiting += sorted(more.items())
                self._followed += 1
                if self._followed > MOST_FOLLOWED:
                    raise InvalidContractError(
                        f"{place}: the schemas lead to too many others: more than {MOST_FOLLOWED:,} in all, "
                        "when each is followed for itself"
                    )
                if len(definitions) > MOST_DEFINITIONS:
                    raise InvalidContractError(
                        f"{place}: the schema leads to more than {MOST_DEFINITIONS:,} others"
                    )
        # Many schemas reach the same ones: keep one $defs for all of them.
        return self._definitions.setdefault((ignore_required, frozenset(definitions)), definitions)

    def _target(self, address: str, origin: str, ignore_required: str) -> tuple[Schema, _Wanted]:
        key = (address, ignore_required)
        if key not in self._read:
            target = self._resources.at(address)
            at_home = address.startswith(self._home) and address.count("/") == self._home.count("/")
            if self._check_all or not at_home:
                self._check(target, address if at_home else origin, self._resources.enclosing(address).draft)
            self._read[key] = self._convert(target, address, ignore_required)
        return self._read[key]

    def _convert(self, schema: Schema, place: str, ignore_required: str) -> tuple[Schema, _Wanted]:
        within = self._resources.enclosing(place)
        rewriting = _Rewriting(self._resources, self._home, ignore_required)
        rewritten = rewriting.rewritten(schema, place, within)
        self._rewritten += rewriting.count
        if self._rewritten > MOST_REWRITTEN:
            raise InvalidContractError(
                f"{place}: references lead to more than {MOST_REWRITTEN:,} schemas, each followed for itself"
            )
        self.warnings += rewriting.warnings[: MOST_WARNINGS - len(self.warnings)]
        return rewritten, rewriting.wanted


def _name(address: str, home: str) -> str:
    """Return the name that a schema has at home; of one elsewhere or inside another, its pointer."""
    name = address.removeprefix(home)
    if name == address or "/" in name or name.startswith("~1"):
        return address or "/"
    return pointer_parts(f"/{name}")[0]


class _Rewriting:
    """One schema on its way into our words.

    *wanted* are the pointers of what it refers to, with the place of the first reference to each.
    """

    def __init__(self, resources: Resources, home: str, ignore_required: str) -> None:
        self._resources = resources
        self._home = home
        self._ignore_required = ignore_required
        self.wanted: _Wanted = {}
        self.count = 0
        self.warnings: list[str] = []

    def rewritten(self, schema: Any, place: str, within: Resource) -> Any:
        if not isinstance(schema, dict):
            return schema
        self.count += 1
        own = self._resources.within(schema, place, within)
        rewritten = map_placed_subschemas(
            {
                key: value
                for key, value in schema.items()
                if key not in _LEFT_OUT and not key.startswith("x-contract-")
            },
            lambda inner, where: self.rewritten(inner, f"{place}{where}", own),
            old=own.draft is not Draft.DRAFT_2020_12,
        )
        if isinstance(schema.get("$ref"), str):
            address = self._resources.address(schema["$ref"], own, place)
            rewritten["$ref"] = self._reference(address, f"{place}/$ref")
        if isinstance(schema.get("discriminator"), dict):
            rewritten["discriminator"] = self._discriminator(
                schema["discriminator"], own, f"{place}/discriminator/mapping"
            )
        if self._ignore_required:
            _require_less(rewritten, self._ignore_required)
        self.warnings += [
            f"{place}/{keyword}: says nothing in {own.draft.value}; a later draft knows it"
            for keyword in keywords_without_effect(schema, own.draft)
        ]
        modern = in_modern_words(rewritten, own.draft)
        dynamic = self._resources.dynamic_address(schema, own, place)
        if dynamic is None:
            return modern
        reference = self._reference(dynamic, place)
        if "$ref" not in modern:
            return {**modern, "$ref": reference}
        return {**modern, "allOf": [*modern.get("allOf", []), {"$ref": reference}]}

    def _reference(self, address: str, place: str) -> str:
        self.wanted.setdefault(address, place)
        return definition_reference(_name(address, self._home))

    def _discriminator(self, written: Mapping[str, Any], within: Resource, place: str) -> dict[str, Any]:
        """Return a discriminator whose mapping leads to our own $defs, where it leads to a schema."""
        mapping = written.get("mapping")
        if not isinstance(mapping, dict):
            return dict(written)
        return {
            **written,
            "mapping": {value: self._mapped(name, within, place) for value, name in mapping.items()},
        }

    def _mapped(self, name: Any, within: Resource, place: str) -> Any:
        """Return where one entry of a mapping leads: it is a reference, or a name at the schemas' home."""
        for reference in (name, f"#{self._home}{in_fragment(name)}") if isinstance(name, str) else ():
            try:
                return self._reference(self._resources.address(reference, within, place), place)
            except InvalidContractError:
                continue
        return name


def _require_less(schema: dict[str, Any], mark: str) -> None:
    """Take the properties with this *mark* ("readOnly") from those that are required."""
    required, properties = schema.get("required"), schema.get("properties")
    if isinstance(required, list) and isinstance(properties, dict):
        schema["required"] = [name for name in required if not _marked(properties.get(name), mark)]


def _marked(schema: object, mark: str) -> bool:
    return isinstance(schema, dict) and schema.get(mark) is True
