"""A server that speaks as much of S3 as the broker uses: it checks signatures, and has faults on demand.

Signatures are computed by botocore, a client of another maker than the broker's.
"""

import re
import socket
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import unquote

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY_ID, SECRET, REGION, BUCKET = "AKID", "a-secret-of-the-store", "eu-test-1", "contracts"
_AUTHORIZATION = re.compile(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=(\w+)")


class ObjectServer:
    """The objects, by key, and what is asked for: ("PUT", key) and so on.

    *answer* may replace the answer to a method: with a status, or with what is called before the answer.
    """

    def __init__(self):
        self.objects = {}
        self.asked = []
        self.faults = {}
        self.released = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self):
        """The variables with which a broker uses it."""
        return {
            "TALLY_CONTENT_STORE": f"s3://{BUCKET}/of/tally",
            "TALLY_CONTENT_STORE_ENDPOINT": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
        }

    def start(self):
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def heal(self):
        self.faults.clear()
        self.released.set()
        self.released = Event()


@contextmanager
def object_server():
    server = ObjectServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _handler(server):  # noqa: C901 - a class with few branches in each method
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_PUT(self):
            key, body = self.begin("PUT")
            if key is not None:
                server.objects[key] = body
                self.answer(200, b"", ETag='"1"')

        def do_GET(self):
            key, _ = self.begin("GET")
            if key in server.objects:
                headers = {"ETag": '"1"', "Last-Modified": "Mon, 30 Nov 2026 10:00:00 GMT"}
                self.answer(200, server.objects[key], **headers)
            elif key is not None:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

        def do_POST(self):
            key, body = self.begin("POST")
            if key is None:
                return
            names = [unquote(name) for name in re.findall("<Key>(.*?)</Key>", body.decode())]
            for name in names:
                server.asked.append(("DELETE", name))
                server.objects.pop(name, None)
            deleted = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
            self.answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

        def begin(self, method):
            """Return the key and the body; None for the key when the answer was given."""
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            key = self.path.partition("?")[0].removeprefix(f"/{BUCKET}").lstrip("/")
            server.asked.append((method, key))
            fault = server.faults.get(method)
            if fault == "slow":
                server.released.wait(60)
            elif fault == "closed":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return None, body
            elif fault is not None and fault != "lost":
                self.answer(fault, b"<Error/>")
                return None, body
            if not self.is_signed(body):
                self.answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
                return None, body
            if fault == "lost":  # acknowledged, and not kept
                self.answer(200, b"", ETag='"1"')
                return None, body
            return key, body

        def is_signed(self, body):
            found = _AUTHORIZATION.fullmatch(self.headers.get("Authorization", ""))
            if not found:
                return False
            names = found[2].split(";")
            request = AWSRequest(
                self.command,
                server.endpoint + self.path,
                headers={name: self.headers[name] for name in names},
                data=body,
            )
            request.context["timestamp"] = self.headers["x-amz-date"]
            signer = S3SigV4Auth(Credentials(KEY_ID, SECRET), "s3", REGION)
            text = signer.string_to_sign(request, signer.canonical_request(request))
            scope = found[1].split("/")
            is_ours = scope[0] == KEY_ID and scope[2:4] == [REGION, "s3"]
            return is_ours and signer.signature(text, request) == found[3]

        def answer(self, status, body, **headers):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            with suppress(ConnectionError):  # a client that was killed, or did not wait
                self.end_headers()
                self.wfile.write(body)

    return Handler
