import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
A_BROWSER_THAT_WANTS_JSON = {"Accept": "text/html, application/json"}


@pytest.fixture
def proxied(live_broker):
    """The address of a proxy that has the broker at /contracts, takes that away, and says so."""
    inner = urlsplit(live_broker)

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self):
            connection = http.client.HTTPConnection(inner.hostname, inner.port)
            said = {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Prefix": "/contracts"}
            if not self.path.startswith("/contracts"):
                self.send_error(404)
                return
            path = self.path.removeprefix("/contracts") or "/"
            connection.request("GET", path, headers={"Accept": self.headers["Accept"] or "*/*"} | said)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            self.send_response(answer.status)
            for name in ("Content-Type", "Location", "Content-Security-Policy"):
                if value := answer.getheader(name):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/contracts"
    server.shutdown()
    thread.join()
    server.server_close()


def test_clients_reach_all_that_they_are_linked_to(proxied):
    links = requests.get(f"{proxied}/", timeout=10).json()["_links"]
    fixed = [link["href"] for rel, link in links.items() if rel != "curies" and not link.get("templated")]

    statuses = {requests.get(href, timeout=10).status_code for href in fixed}

    assert all(href.startswith(proxied) for href in fixed)
    assert statuses <= {200, 400, 405}  # some need a query, or are to be posted to
    assert requests.get(f"{proxied}/openapi.json", timeout=10).json()["servers"] == [{"url": proxied}]


def test_a_browser_is_led_to_the_explorer_behind_the_same_path(proxied):
    answer = requests.get(
        f"{proxied}/pacticipants", headers=A_BROWSER_THAT_WANTS_JSON, allow_redirects=False, timeout=10
    )

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/contracts/hal-browser/browser.html#/pacticipants"


def test_pages_load_what_they_need_and_lead_on(proxied, page):
    page.goto(f"{proxied}/")
    page.get_by_role("link", name="Environments").click()

    expect(page).to_have_url(f"{proxied}/environments")
    expect(page.get_by_role("heading", level=1)).to_have_text("Environments")


def test_the_explorer_finds_the_api_behind_the_same_path(proxied, page):
    page.goto(f"{proxied}/hal-browser/browser.html")
    page.get_by_role("link", name="/environments", exact=True).click()

    expect(page.locator("#explorer")).to_contain_text('"name": "production"')
