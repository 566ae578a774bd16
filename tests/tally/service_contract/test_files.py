import io
import json
import time
from pathlib import Path

import pytest
from support.contract_documents import a_native, a_schema_document, an_asyncapi, an_openapi

from tally.errors import InvalidContractError
from tally.json_schema.validation import Validator
from tally.service_contract import files, json_yaml
from tally.service_contract.files import load_document
from tally.service_contract.json_schema_document import directed
from tally.service_contract.parsing import parse_service_contract, service_contract_hash


@pytest.fixture
def written(tmp_path):
    """Write files, each a document or a text, and return the path of the first."""

    def write(**files):
        paths = []
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            paths.append(path)
        return paths[0]

    return write


def referring_to(reference, **components):
    return a_schema_document({"$ref": reference}, **components)


def load_service_contract(path):
    return parse_service_contract(load_document(path))


def schema_in(path):
    return load_service_contract(path).operations[0].responses[0].content[0].schema


def test_json_and_yaml_are_the_same_document(written):
    text = """
    openapi: 3.1.0
    paths:
      /orders:
        get:
          responses:
            200: {description: no, x-since: 2024-01-02, x-at: 12:30, x-rate: 1e3, x-none: ~, x-octal: 0123}
    """
    said = {
        "description": "no",
        "x-since": "2024-01-02",
        "x-at": "12:30",
        "x-rate": 1000.0,
        "x-none": None,
        "x-octal": "0123",
    }

    document = load_document(written(openapi_yaml=text))

    assert document == {"openapi": "3.1.0", "paths": {"/orders": {"get": {"responses": {"200": said}}}}}
    assert load_document(written(openapi_json=document)) == document


def test_yaml_may_use_anchors_and_merge_keys(written):
    text = 'serviceContract: "1"\nx-a: &a {x: 1, y: 2}\nx-b: {<<: *a, y: 3}\n'

    assert load_document(written(contract_yaml=text))["x-b"] == {"x": 1, "y": 3}


def test_files_that_are_referred_to_are_put_into_the_document(written):
    path = written(
        openapi_json=referring_to("./schemas/order.yaml#/Order"),
        schemas__order_yaml="Order: {properties: {item: {$ref: item.json}, next: {$ref: '#/Order'}}}",
        schemas__item_json={"type": "string"},
    )

    validator = Validator(schema_in(path))

    assert validator.accepts({"item": "tea", "next": {"item": "jam"}})
    assert not validator.accepts({"next": {"item": 1}})
    assert set(load_document(path)["x-contract-bundled"]) == {"schemas/order.yaml", "schemas/item.json"}


def test_files_may_refer_to_each_other_and_back(written):
    path = written(
        openapi_json=referring_to("a.json", Id={"type": "integer"}),
        a_json={
            "properties": {"b": {"$ref": "b.json"}, "id": {"$ref": "openapi.json#/components/schemas/Id"}}
        },
        b_json={"properties": {"a": {"$ref": "a.json"}}},
    )

    validator = Validator(schema_in(path))

    assert validator.accepts({"b": {"a": {"id": 1}}})
    assert not validator.accepts({"b": {"a": {"id": "1"}}})


def test_a_file_may_be_in_a_folder_above_and_have_an_odd_name(written):
    path = written(
        api__openapi_json=referring_to("../common/an%20order~1.json#/$defs/Order"),
    )
    common = path.parent.parent / "common"
    common.mkdir()
    (common / "an order~1.json").write_text(json.dumps({"$defs": {"Order": {"type": "integer"}}}))

    assert Validator(schema_in(path)).accepts(1)
    assert not Validator(schema_in(path)).accepts("1")


def test_a_path_item_may_be_in_a_file_of_its_own(written):
    item = {
        "get": {"operationId": "read", "responses": {"200": {"$ref": "#/ok"}}},
        "ok": {"description": "ok"},
    }
    path = written(
        openapi_json=an_openapi({"/orders": {"$ref": "orders.json#/path"}}),
        orders_json={"path": item, "ok": {"description": "ok"}},
    )
    del item["ok"]
    (path.parent / "orders.json").write_text(json.dumps({"path": item, "ok": {"description": "ok"}}))

    assert [operation.id for operation in load_service_contract(path).operations] == ["read"]


def test_a_bundled_document_needs_no_file(written):
    path = written(openapi_json=referring_to("order.json"), order_json={"type": "integer"})

    document = load_document(path)

    assert parse_service_contract(document) == load_service_contract(path)
    assert load_document(written(bundled_json=document)) == document


@pytest.mark.parametrize(
    "reference",
    [
        "http://example.org/order.json",
        "https://example.org/a.yaml#/A",
        "file:///etc/passwd",
        "//host/a.json",
        "/a.json",
        "http://[x",
        "a%00b.json",
    ],
)
def test_nothing_but_relative_files_is_read(written, reference):
    path = written(openapi_json=referring_to(reference))

    with pytest.raises(InvalidContractError, match=r"schema/\$ref: .* is not a relative file.*save a copy"):
        load_document(path)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("nowhere.json", "there is no file 'nowhere.json' beside openapi.json"),
        ("order.json#Order", "'#Order' points at nothing"),
    ],
)
def test_a_reference_that_cannot_be_followed_is_named_by_file_and_place(written, reference, message):
    path = written(openapi_json=referring_to(reference), order_json={})

    with pytest.raises(InvalidContractError, match=r"openapi\.json: /paths/.*/schema/\$ref: .*" + message):
        load_document(path)


def test_a_pointer_to_nothing_in_another_file_is_refused(written):
    path = written(openapi_json=referring_to("order.json#/Order"), order_json={})

    with pytest.raises(
        InvalidContractError, match=r"schema/\$ref: '#/x-contract-bundled/order\.json/Order' points at"
    ):
        load_service_contract(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is a mapping, not empty"),
        ("- a", "is a mapping, not a list"),
        ("[]", "is a mapping, not a list"),
        ("openapi", "is a mapping, not a text"),
        ("12", "is a mapping, not a single value"),
        ("{", "not JSON"),
        ("a: [", "not YAML: .* in line 2, column 1"),
        ("a: 1\na: 2", "not YAML: the key 'a' is there twice in line 2, column 1"),
        ("? [1]\n: 2", "not YAML: a key is not a string"),
        ("a: !!python/object:os.system {}", "not YAML: could not determine a constructor"),
        ("a: !!timestamp 2024-01-02", "not YAML: could not determine a constructor"),
        ("a: *b", "not YAML: found undefined alias"),
        ("a: \x00", "not YAML"),
        ("a: &a [*a]", "nested deeper|not YAML|cannot"),
    ],
)
def test_what_cannot_be_read_is_refused_by_the_file(written, text, message):
    path = written(contract_yaml=text)

    with pytest.raises(InvalidContractError, match=rf"contract\.yaml: .*({message})"):
        load_document(path)


def test_yaml_that_grows_when_its_aliases_are_followed_is_refused(written):
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]

    with pytest.raises(InvalidContractError, match="more than 2,000,000 values"):
        load_document(written(contract_yaml="\n".join(lines)))


@pytest.mark.parametrize("text", ["a: [" + "1, " * 50 + "]", "- 1\n" * 50, "{" * 50])
def test_yaml_of_too_many_values_is_refused_before_it_takes_memory(written, monkeypatch, text):
    monkeypatch.setattr(json_yaml, "MAX_NODES", 40)

    with pytest.raises(InvalidContractError, match=r"contract\.yaml: (/: more than 40 values|not JSON)"):
        load_document(written(contract_yaml=text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InvalidContractError, match=r"nowhere\.yaml: cannot be read \(No such file"):
        load_document(tmp_path / "nowhere.yaml")


def test_a_folder_is_no_contract(tmp_path):
    with pytest.raises(InvalidContractError, match=r"cannot be read \(Is a directory"):
        load_document(tmp_path)


def test_a_file_of_five_megabytes_is_read(written):
    schemas = {f"S{n}": {"type": "object", "description": "x" * 4000} for n in range(1250)}
    text = json.dumps(a_native(schemas=schemas))
    assert len(text) > 5_000_000
    started = time.process_time()

    contract = load_service_contract(written(contract_json=text))

    assert len(contract.operations) == 1
    assert time.process_time() - started < 20


def test_a_file_that_is_too_large_is_refused(written):
    with pytest.raises(InvalidContractError, match="larger than 20 MB"):
        load_document(written(contract_json=" " * 20_000_001))


def test_the_hash_does_not_depend_on_the_order_of_keys():
    assert service_contract_hash({"a": 1, "b": [1, 2]}) == service_contract_hash({"b": [1, 2], "a": 1})
    assert service_contract_hash({"b": [1, 2]}) != service_contract_hash({"b": [2, 1]})


def test_the_standard_input_is_a_file_too(written, monkeypatch, tmp_path):
    written(openapi_json=referring_to("order.json"), order_json={"type": "integer"})
    text = (tmp_path / "openapi.json").read_bytes()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))

    assert load_document(Path("-")) == load_document(tmp_path / "openapi.json")


def test_a_broken_standard_input_is_named(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{")))

    with pytest.raises(InvalidContractError, match=r"^the standard input: not JSON"):
        load_document(Path("-"))


def test_channels_messages_and_schemas_may_be_in_other_files(written):
    path = written(
        asyncapi_json=an_asyncapi(
            channels={"paid": {"$ref": "channels.yaml#/paid"}},
            operations={
                "orderPaid": {
                    "action": "send",
                    "channel": {"$ref": "channels.yaml#/paid"},
                    "messages": [{"$ref": "channels.yaml#/paid/messages/OrderPaid"}],
                }
            },
        ),
        channels_yaml="paid: {address: p, messages: {OrderPaid: {$ref: messages/paid.yaml}}}",
        messages__paid_yaml="payload: {$ref: ../order.json}\nheaders: {$ref: '#/payload'}",
        order_json={"type": "object", "properties": {"default": {"$ref": "id.json"}}},
        id_json={"type": "integer"},
    )

    (operation,) = load_service_contract(path).message_operations

    (message,) = operation.messages
    assert (operation.channel, message.name) == ("p", "OrderPaid")
    for schema in (message.payload, message.headers):
        assert Validator(schema).accepts({"default": 1})
        assert not Validator(schema).accepts({"default": "1"})


def test_a_plain_schema_may_be_in_several_files(written):
    path = written(
        order_json={"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"$ref": "id.json#id"}]},
        id_json={"definitions": {"Id": {"$id": "#id", "type": "integer"}}},
    )

    document = directed(load_document(path), "orders")

    (message,) = parse_service_contract(document).message_operations[0].messages
    assert Validator(message.payload).accepts([1])
    assert not Validator(message.payload).accepts(["1"])


def test_an_openapi_2_document_may_be_in_several_files(written):
    parameter = {"name": "id", "in": "query", "type": "integer"}
    path = written(
        swagger_json={
            "swagger": "2.0",
            "paths": {
                "/": {"get": {"parameters": [{"$ref": "id.json"}], "responses": {"200": {"description": ""}}}}
            },
        },
        id_json=parameter,
    )

    (operation,) = load_service_contract(path).http_operations

    assert [(each.name, each.schema) for each in operation.parameters] == [("id", {"type": "integer"})]


def test_anchors_of_several_files_do_not_get_mixed_up(written):
    path = written(
        openapi_json=referring_to("a.json#it"),
        a_json={
            "$defs": {
                "a": {"$anchor": "it", "items": {"$ref": "b.json#it"}, "not": {"$ref": "#no"}},
                "n": {"$anchor": "no", "type": "null"},
            }
        },
        b_json={"$defs": {"b": {"$anchor": "it", "type": "integer"}}},
    )

    validator = Validator(schema_in(path))

    assert validator.accepts([1])
    assert not validator.accepts(["1"])
    assert not validator.accepts(None)


def test_a_reference_may_lead_to_an_id_in_the_same_file(written):
    path = written(
        openapi_json=referring_to(
            "https://example.org/tree",
            Tree={"$id": "https://example.org/tree", "items": {"$ref": "tree"}, "type": "array"},
        ),
    )

    validator = Validator(schema_in(path))

    assert validator.accepts([[], [[]]])
    assert not validator.accepts([1])


def test_the_mapping_of_a_discriminator_may_lead_to_files(written):
    schema = {
        "oneOf": [{"$ref": "dog.json"}, {"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "kind", "mapping": {"dog": "dog.json", "cat": "Cat"}},
    }
    path = written(
        openapi_json=a_schema_document(schema, Cat={"type": "object"}), dog_json={"type": "object"}
    )

    read = schema_in(path)

    assert read["discriminator"]["mapping"] == {
        "dog": "#/$defs/~1x-contract-bundled~1dog.json",
        "cat": "#/$defs/Cat",
    }


def test_files_count_together(written, monkeypatch):
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    path = written(
        openapi_json=referring_to("a.json"),
        a_json={"$ref": "b.json", "title": "x" * 400},
        b_json={"title": "y" * 400},
    )

    with pytest.raises(InvalidContractError, match=r"b\.json: larger than"):
        load_document(path)


def test_a_document_of_too_many_operations_is_refused(written):
    paths = {f"/{number}": {"get": {"responses": {"200": {}}}} for number in range(5001)}

    with pytest.raises(InvalidContractError, match=r"^/: a contract cannot have more than 5,000 operations"):
        load_service_contract(written(openapi_json=an_openapi(paths)))


def test_a_file_whose_name_is_none_is_named(tmp_path):
    with pytest.raises(InvalidContractError, match="cannot be read"):
        load_document(tmp_path / "a\0b")


def test_files_that_are_too_deep_together_are_refused(written):
    deep = 1
    for _ in range(44):
        deep = {"not": deep}

    with pytest.raises(InvalidContractError, match=r"openapi\.json: /: nested deeper than 48"):
        load_document(
            written(openapi_json=referring_to("a.json"), a_json={"properties": {"b": {"items": deep}}})
        )


@pytest.mark.parametrize(
    "reference", ["../outside.json", "link.json", "linked/outside.json", "x/../../absent.json"]
)
def test_references_leave_the_folders_that_are_given_by_no_way(written, tmp_path, reference):
    written(outside_json={"type": "string"})
    path = written(project__openapi_json=referring_to(reference), project__order_json={"type": "integer"})
    (path.parent / "link.json").symlink_to(tmp_path / "outside.json")
    (path.parent / "linked").symlink_to(tmp_path, target_is_directory=True)

    with pytest.raises(InvalidContractError, match="outside of the folders that may be read"):
        load_document(path, within=[path.parent])

    path.write_text(json.dumps(referring_to("order.json")))
    assert "x-contract-bundled" in load_document(path, within=[path.parent])
