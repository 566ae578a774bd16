"""A Pact plugin (interface 1) in one file: it compares CSV, and speaks a protocol of lines.

The Rust core starts it, reads the port from its first line, and asks it over gRPC. Messages are encoded by
hand (https://protobuf.dev/programming-guides/encoding/): few fields are needed, and a library is large.
"""

import json
import socket
import struct
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

Fields = dict[int, list]
CONTENT_MATCHER, TRANSPORT = 0, 2


def number(value: int) -> bytes:
    """Encode an unsigned number as a varint."""
    low, high = value & 127, value >> 7
    return bytes([low | 128]) + number(high) if high else bytes([low])


def field(tag: int, value: bytes | str | int) -> bytes:
    """Encode one field: text, bytes and messages with their length, numbers as varints."""
    if isinstance(value, int):
        return number(tag << 3) + number(value)
    content = value.encode() if isinstance(value, str) else value
    return number(tag << 3 | 2) + number(len(content)) + content


def fields(message: bytes) -> Fields:
    """Decode a message into the values of each field; text and messages stay bytes."""
    found: Fields = {}
    place = 0

    def varint() -> int:
        nonlocal place
        value = shift = 0
        while True:
            byte = message[place]
            place += 1
            value |= (byte & 127) << shift
            shift += 7
            if not byte & 128:
                return value

    while place < len(message):
        tag = varint()
        size = {1: 8, 5: 4}.get(tag & 7)
        value = varint() if size is None else size
        if tag & 7:
            value, place = message[place : place + value], place + value
        found.setdefault(tag >> 3, []).append(value)
    return found


def one(message: bytes, *path: int) -> bytes:
    """Return the field at the end of *path* of nested messages; empty when it is not there."""
    for tag in path:
        message = fields(message).get(tag, [b""])[0]
    return message


def entry(kind: int, key: str, **values: str) -> bytes:
    """Return an entry of the catalogue."""
    pairs = (field(3, field(1, name.replace("_", "-")) + field(2, value)) for name, value in values.items())
    return field(1, field(1, kind) + field(2, key) + b"".join(pairs))


def init(_request: bytes) -> bytes:
    """Say what this plugin can do."""
    return entry(CONTENT_MATCHER, "csv", content_types="text/csv") + entry(TRANSPORT, "lines")


def configure(request: bytes) -> bytes:
    """Return the content that a consumer's test declares: {"table": "id,price\\n1,2\\n"}."""
    declared = {one(pair, 1): one(pair, 2, 3) for pair in fields(one(request, 2)).get(1, [])}
    body = field(1, "text/csv") + field(2, field(1, declared[b"table"]))
    return field(2, field(1, body))


def compare(request: bytes) -> bytes:
    """Compare two tables cell by cell."""
    expected, actual = (one(request, side, 2, 1).decode().splitlines() for side in (1, 2))
    if len(expected) != len(actual):
        return mismatch("$", f"Expected {len(expected)} rows, but got {len(actual)}", expected, actual)
    results = b""
    for row, (wanted, got) in enumerate(zip(expected, actual, strict=True)):
        for column, pair in enumerate(zip(wanted.split(","), got.split(","), strict=False)):
            if pair[0] != pair[1]:
                results += mismatch(f"$[{row}][{column}]", f"Expected {pair[0]!r}, got {pair[1]!r}", *pair)
    return results


def mismatch(path: str, text: str, expected: object, actual: object) -> bytes:
    """Return a difference, under its path."""
    found = field(1, field(1, str(expected))) + field(2, field(1, str(actual)))
    return field(3, field(1, path) + field(2, field(1, found + field(3, text) + field(4, path))))


def prepare(request: bytes) -> bytes:
    """Return the content that is sent for the interaction."""
    contents = interaction_of(request, 1, 2)["request"]["contents"]
    body = field(1, "text/plain") + field(2, field(1, contents["content"]))
    return field(2, field(1, body))


def verify(request: bytes) -> bytes:
    """Send the line, and compare the line that comes back."""
    config = {one(pair, 1).decode(): one(pair, 2) for pair in fields(one(request, 2)).get(1, [])}
    (port,) = struct.unpack("<d", one(config["port"], 2))
    with socket.create_connection((one(config["host"], 3).decode(), int(port)), 5) as connection:
        connection.sendall(one(request, 1, 1, 2, 1) + b"\n")
        answer = connection.makefile().readline().strip()
    wanted = interaction_of(request, 3, 4)["response"][0]["contents"]["content"]
    if answer == wanted:
        return field(2, field(1, 1))
    difference = field(1, field(1, wanted)) + field(2, field(1, answer))
    difference += field(3, f"Expected {wanted!r}, got {answer!r}") + field(4, "$")
    return field(2, field(3, field(2, difference)))


def interaction_of(request: bytes, pact: int, key: int) -> dict:
    """Return the interaction with the key that the request names."""
    wanted = one(request, key).decode()
    interactions = json.loads(one(request, pact))["interactions"]
    return next(each for each in interactions if each.get("key") == wanted)


METHODS = {
    "InitPlugin": init,
    "UpdateCatalogue": lambda _request: b"",
    "ConfigureInteraction": configure,
    "CompareContents": compare,
    "PrepareInteractionForVerification": prepare,
    "VerifyInteraction": verify,
}


def main() -> None:
    """Serve until the core ends the process."""
    server = grpc.server(ThreadPoolExecutor(2))
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(lambda request, _context, method=method: method(request))
        for name, method in METHODS.items()
    }
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("io.pact.plugin.PactPlugin", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(json.dumps({"port": port, "serverKey": "0"}) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
