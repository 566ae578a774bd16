"""Forms and multipart bodies, as the document says that their properties are written."""

import re

import pytest

from tally.service_contract.form_bodies import form_text, multipart
from tally.service_contract.model import MediaType, PartEncoding

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


@pytest.mark.parametrize(
    ("said", "value", "written"),
    [
        ({}, True, "a=true"),
        ({}, None, ""),
        ({}, 1.5, "a=1.5"),
        ({}, 10**20, "a=100000000000000000000"),
        ({}, "x & é", "a=x+%26+%C3%A9"),
        ({}, ["x", False, None, 2], "a=x&a=false&a=2"),
        ({}, [], ""),
        ({}, {"b": [1, None]}, "a=%7B%22b%22%3A%5B1%2Cnull%5D%7D"),
        ({}, [{"b": 1}, {"b": 2}], "a=%7B%22b%22%3A1%7D&a=%7B%22b%22%3A2%7D"),
        ({"content_type": "application/json"}, ["x", True], "a=%5B%22x%22%2Ctrue%5D"),
        ({"content_type": "application/json"}, None, ""),
        ({"style": "form"}, {"b": True, "c": None}, "b=true&c="),
        ({"style": "form"}, ["x", "y"], "a=x&a=y"),
        ({"style": "form", "explode": False}, ["x", "y"], "a=x%2Cy"),
        ({"style": "form", "explode": False}, {"b": 1, "c": 2}, "a=b%2C1%2Cc%2C2"),
        ({"explode": False}, ["x", "y"], "a=x%2Cy"),
        ({"style": "pipeDelimited"}, ["x", "y"], "a=x%7Cy"),
        ({"style": "spaceDelimited"}, ["x", "y"], "a=x+y"),
        ({"style": "deepObject", "explode": True}, {"b": 1, "c": {"d": [True, "x"]}},
         "a%5Bb%5D=1&a%5Bc%5D%5Bd%5D=true&a%5Bc%5D%5Bd%5D=x"),
        ({"allow_reserved": True}, "a/b?c=d&e", "a=a/b?c%3Dd%26e"),
    ],
)  # fmt: skip
def test_a_property_of_a_form_is_written_as_the_document_says(said, value, written):
    content = MediaType(FORM, encoding={"a": PartEncoding(**said)} if said else {})

    assert form_text({"a": value}, content) == written


def parts_of(value, content):
    whole, body = multipart(value, content)
    boundary = re.search("boundary=(.*)", whole)[1]
    first, *parts, last = body.split(f"--{boundary}".encode())
    assert (first, last) == (b"", b"--\r\n")
    return [part.removeprefix(b"\r\n").removesuffix(b"\r\n").decode() for part in parts]


def test_every_property_is_a_part_of_a_multipart_body():
    value = {"name": "Zoë", "newsletter": True, "n": None, "tags": ["a", "b"], "address": {"city": None}}

    assert parts_of(value, MediaType(MULTIPART)) == [
        'Content-Disposition: form-data; name="name"\r\n\r\nZoë',
        'Content-Disposition: form-data; name="newsletter"\r\n\r\ntrue',
        'Content-Disposition: form-data; name="tags"\r\n\r\na',
        'Content-Disposition: form-data; name="tags"\r\n\r\nb',
        (
            'Content-Disposition: form-data; name="address"\r\n'
            'Content-Type: application/json\r\n\r\n{"city":null}'
        ),
    ]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"file": {"type": "string", "format": "binary"}}},
        {"properties": {"file": {"type": "array", "items": {"$ref": "#/$defs/File"}}}},
        {"$ref": "#/$defs/Upload"},
        {"$ref": "#/$defs/An%20upload~1old"},
        {"allOf": [{"$ref": "#/$defs/Upload"}]},
    ],
)
def test_a_file_is_a_part_with_a_name_and_a_type(schema):
    binary = {"type": "string", "format": "binary"}
    upload = {"properties": {"file": {"$ref": "#/$defs/File"}}}
    definitions = {"File": binary, "Upload": upload, "An upload/old": upload}

    assert parts_of({"file": "xyz"}, MediaType(MULTIPART, {**schema, "$defs": definitions})) == [
        (
            'Content-Disposition: form-data; name="file"; filename="file"\r\n'
            "Content-Type: application/octet-stream\r\n\r\nxyz"
        )
    ]


def test_the_document_says_the_type_of_a_part():
    encoding = {"logo": PartEncoding("image/png, image/jpeg"), "note": PartEncoding("text/markdown")}

    assert parts_of({"logo": "PNG", "note": "*a*"}, MediaType(MULTIPART, encoding=encoding)) == [
        'Content-Disposition: form-data; name="logo"; filename="logo"\r\nContent-Type: image/png\r\n\r\nPNG',
        (
            'Content-Disposition: form-data; name="note"; filename="note"\r\n'
            "Content-Type: text/markdown\r\n\r\n*a*"
        ),
    ]


def test_the_same_multipart_body_has_the_same_boundary():
    assert multipart({"a": 1}, MediaType(MULTIPART)) == multipart({"a": 1}, MediaType(MULTIPART))
    assert multipart({"a": 1}, MediaType(MULTIPART)) != multipart({"a": 2}, MediaType(MULTIPART))
