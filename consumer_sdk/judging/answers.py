"""The answer that the consumer's code gets: the declared response, as bytes, with its generators applied."""

import zlib
from datetime import datetime
from random import Random
from typing import Any

import orjson

from consumer_sdk.judging.exchanges import Answer
from tally import json_text
from tally.pact import Body, Presence, Response
from tally.pact.bodies import content_type_of
from tally.pact.body_bytes import body_bytes

_DEFAULT_STATUS = 200
_GZIP_HEADER = b"\x1f\x8b"
_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def answer_of(response: Response, base_url: str) -> Answer:
    """Return the answer that *response* declares; *base_url* is that of the provider, to the code."""
    if response.generators:
        response = _with_generated_values(response, base_url)
    headers = [(name, value) for name, values in response.headers.items() for value in values]
    if response.body.presence is Presence.PRESENT and content_type_of(response.headers) is None:
        headers += [("Content-Type", kind) for kind in [response.body.content_type] if kind]
    coding = next((value for name, value in headers if name.lower() == "content-encoding"), "")
    body = _coded(content_bytes(response.body), coding)
    return Answer(response.status or _DEFAULT_STATUS, tuple(headers), body)


def content_bytes(body: Body) -> bytes:
    """Return the content as it goes over the wire; numbers have the digits that they were declared with."""
    return body_bytes(body, json_bytes)


def json_bytes(value: Any) -> bytes:
    """Return JSON without spaces, with every number as it is written in the document."""
    try:
        return orjson.dumps(value, json_text.as_written, orjson.OPT_PASSTHROUGH_SUBCLASS)
    except TypeError:  # an integer of more than 64 bits, half a character
        return json_text.compact(value).encode(errors="surrogatepass")


def _coded(body: bytes, coding: str) -> bytes:
    """Return the body in the coding that its headers declare: tests declare what it says, not its bytes."""
    window = _WINDOWS.get(coding.strip().lower())
    if not body or window is None or (window == _WINDOWS["gzip"] and body.startswith(_GZIP_HEADER)):
        return body
    compressor = zlib.compressobj(wbits=window)
    return compressor.compress(body) + compressor.flush()


def _with_generated_values(response: Response, base_url: str) -> Response:
    from tally.generators.generated_values import response_with_generated_values  # noqa: PLC0415 - few need it
    from tally.generators.generator import GeneratorContext  # noqa: PLC0415 - as above

    now = datetime.now().astimezone()
    context = GeneratorContext(random=Random(), now=now, base_url=base_url)  # noqa: S311 - no secret
    return response_with_generated_values(response, context)
