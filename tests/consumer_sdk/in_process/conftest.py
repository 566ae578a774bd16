"""Each client that is answered in process, as a function of a URL; and a network that nothing may reach."""

import asyncio
import http.client
import http.server
import socket
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import botocore.awsrequest
import botocore.httpsession
import httpx
import httpx2
import pytest
import requests
import urllib3


@dataclass(frozen=True)
class Got:
    """What a client returns, the same for all."""

    status: int
    body: bytes
    headers: dict[str, str]


def by_requests(method, url, *, body=None, headers=None):
    answer = requests.request(method, url, data=body, headers=headers, timeout=5, allow_redirects=True)
    return Got(answer.status_code, answer.content, {k.lower(): v for k, v in answer.headers.items()})


def by_urllib3(method, url, *, body=None, headers=None):
    with urllib3.PoolManager() as pool:
        answer = pool.request(method, url, body=body, headers=headers, timeout=5)
        return Got(answer.status, answer.data, {k.lower(): v for k, v in answer.headers.items()})


def by_urllib_request(method, url, *, body=None, headers=None):
    request = urllib.request.Request(url, method=method, data=body, headers=headers or {})  # noqa: S310 - http
    try:
        answer = urllib.request.urlopen(request, timeout=5)  # noqa: S310 - http
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        return Got(answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()})


def by_http_client(method, url, *, body=None, headers=None):
    parts = urlsplit(url)
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[parts.scheme](parts.netloc, timeout=5)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request(method, target, body, headers or {})
    answer = connection.getresponse()
    got = Got(answer.status, answer.read(), {k.lower(): v for k, v in answer.getheaders()})
    connection.close()
    return got


def by_botocore(method, url, *, body=None, headers=None):
    request = botocore.awsrequest.AWSRequest(method, url, data=body, headers=headers or {}).prepare()
    session = botocore.httpsession.URLLib3Session(timeout=5)
    answer = session.send(request)
    got = Got(answer.status_code, answer.content, {k.lower(): v for k, v in answer.headers.items()})
    session.close()
    return got


def _by_httpx(module):
    def get(method, url, *, body=None, headers=None):
        with module.Client(follow_redirects=True, timeout=5) as client:
            answer = client.request(method, url, content=body, headers=headers)
        return Got(answer.status_code, answer.content, dict(answer.headers))

    return get


def _by_async_httpx(module):
    def get(method, url, *, body=None, headers=None):
        async def run():
            async with module.AsyncClient(follow_redirects=True, timeout=5) as client:
                answer = await client.request(method, url, content=body, headers=headers)
            return Got(answer.status_code, answer.content, dict(answer.headers))

        return asyncio.run(run())

    return get


def by_aiohttp(method, url, *, body=None, headers=None):
    async def run():
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, url, data=body, headers=headers) as answer,
        ):
            content = await answer.read()
        return Got(answer.status, content, {k.lower(): v for k, v in answer.headers.items()})

    return asyncio.run(run())


CLIENTS = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "urllib.request": by_urllib_request,
    "http.client": by_http_client,
    "botocore": by_botocore,
    "httpx": _by_httpx(httpx),
    "httpx async": _by_async_httpx(httpx),
    "httpx2": _by_httpx(httpx2),
    "httpx2 async": _by_async_httpx(httpx2),
    "aiohttp": by_aiohttp,
}


@pytest.fixture(params=CLIENTS.values(), ids=CLIENTS)
def send(request):
    return request.param


@pytest.fixture
def no_network(monkeypatch):
    """Let every connection and every look-up of a name fail."""

    def refuse(*_, **__):
        raise AssertionError("the network was reached")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


class Real(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"real")

    def log_message(self, *_):
        pass


@pytest.fixture
def real():
    """The URL of a server on the loopback interface."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Real)
    server.daemon_threads = True
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
