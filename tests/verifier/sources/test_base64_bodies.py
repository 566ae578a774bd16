"""Bodies of V1 to V3 that are no text: files hold them in base64, which is undone by their content type."""

import base64
import json

import pytest
from support.factories import a_pact

MULTIPART = b'--B1\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n--B1--\r\n'
MULTIPART_TYPE = "multipart/form-data; boundary=B1"
NOT_TEXT = (
    MULTIPART_TYPE,
    "multipart/mixed; boundary=B1",
    "application/octet-stream",
    "application/msgpack",
    "application/vnd.ms-excel",
    "application/x-tar",
    "application/yaml",
    "application/javascript",
    "image/svg+xml",
    "model/gltf-binary",
    "message/rfc822",
)


def in_base64(content):
    return base64.b64encode(content).decode()


@pytest.fixture
def verdict(provider, tally_verify, pact_file):
    """Verify a request and a response against a provider that answers with *body*."""

    def call(request, response, body=b"", *, content_type="text/plain", version="3.0.0"):
        provider.on("POST", "/a", body, Content_Type=content_type)
        interaction = {
            "type": "Synchronous/HTTP",
            "description": "d",
            "request": {"method": "POST", "path": "/a"} | request,
            "response": {"status": 200} | response,
        }
        pact = a_pact(interaction, metadata={"pactSpecification": {"version": version}})
        return tally_verify(pact_file(pact), "--provider-url", provider.url)

    return call


@pytest.mark.parametrize("content_type", NOT_TEXT)
@pytest.mark.parametrize("version", ["2.0.0", "3.0.0"])
def test_what_is_no_text_is_decoded_before_it_is_sent(verdict, provider, content_type, version):
    request = {"headers": {"Content-Type": content_type}, "body": in_base64(MULTIPART)}

    assert verdict(request, {}, version=version).exit_code == 0
    assert provider.asked[0].body == MULTIPART


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/csv", "application/xml", "application/x-www-form-urlencoded"]
)
def test_text_is_sent_as_it_is_though_it_might_be_base64(verdict, provider, content_type):
    verdict({"headers": {"Content-Type": content_type}, "body": "abcd"}, {})

    assert provider.asked[0].body == b"abcd"


def test_what_is_no_base64_is_sent_as_it_is(verdict, provider):
    verdict({"headers": {"Content-Type": "application/javascript"}, "body": "f({})"}, {})

    assert provider.asked[0].body == b"f({})"


def test_v4_says_itself_what_is_encoded(verdict, provider):
    body = {"content": "abcd", "contentType": "application/yaml", "encoded": False}
    verdict({"headers": {"Content-Type": ["application/yaml"]}, "body": body}, {}, version="4.0")

    assert provider.asked[0].body == b"abcd"


@pytest.mark.parametrize("content_type", [kind for kind in NOT_TEXT if "xml" not in kind])
def test_what_is_no_text_is_decoded_before_it_is_compared(verdict, content_type):
    expected = {"headers": {"Content-Type": content_type}, "body": in_base64(MULTIPART)}
    other = MULTIPART.replace(b"7", b"8")

    assert verdict({}, expected, MULTIPART, content_type=content_type).exit_code == 0
    assert verdict({}, expected, other, content_type=content_type).exit_code == 1
    assert verdict({}, expected, in_base64(MULTIPART).encode(), content_type=content_type).exit_code == 1


def test_a_field_that_turns_into_a_file_breaks_the_contract(verdict):
    expected = {"headers": {"Content-Type": MULTIPART_TYPE}, "body": in_base64(MULTIPART)}
    file = MULTIPART.replace(b'name="id"', b'name="id"; filename="id.txt"')

    ended = verdict({}, expected, file, content_type=MULTIPART_TYPE)

    assert ended.exit_code == 1
    assert "Expected a field at $.id, but got a file" in ended.stdout


def test_contents_of_messages_are_decoded_too(provider, tally_verify, pact_file):
    contents = in_base64(b"\x82\xa1a\x01")
    message = {"description": "m", "contents": contents, "metadata": {"contentType": "application/msgpack"}}
    pact = pact_file(a_pact(messages=[message]) | {"interactions": []})
    words = (pact, "--provider-url", provider.url, "--message-url", f"{provider.url}/m")

    for answer, exit_code in ((b"\x82\xa1a\x01", 0), (json.dumps(contents).encode(), 1)):
        provider.on("POST", "/m", answer, Content_Type="application/msgpack")
        assert tally_verify(*words).exit_code == exit_code
