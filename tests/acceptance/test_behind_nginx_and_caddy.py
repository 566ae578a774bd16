"""The files of docs/deploy for nginx and Caddy, in the real programs, in front of a real broker."""

import http.client
import re
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote, urlsplit

import pytest
import requests
from support import databases, real_proxies
from support.difficult_names import NAMES
from support.factories import a_pact, a_publication, a_verification_result
from support.serving import serving

from broker.settings.groups.server import ServerSettings
from broker.web.api.decisions.matrix import MOST_SECONDS

AS_CI = ("ci", "a-password-of-ci")
PROXIES = {"nginx": real_proxies.nginx, "caddy": real_proxies.caddy}
HOSTILE = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Scheme": "http",
    "X-Forwarded-Ssl": "off",
    "X-Forwarded-For": "6.6.6.6",
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """The address of a broker that knows one user and one proxy."""
    environment = {
        "TALLY_BASIC_AUTH_USERNAME": AS_CI[0],
        "TALLY_BASIC_AUTH_PASSWORD": AS_CI[1],
        "TALLY_TRUSTED_PROXIES": "1",
    }
    log = tmp_path_factory.mktemp("broker") / "log"
    with (
        databases.NEW_DATABASE["sqlite"]() as url,
        serving(url, log, environment=environment, is_forked=True) as live,
    ):
        yield urlsplit(live).netloc


@pytest.fixture(scope="module", params=PROXIES)
def proxy(request, live, tmp_path_factory):
    with PROXIES[request.param](live, tmp_path_factory.mktemp(request.param)) as proxy:
        yield proxy


@pytest.fixture
def client(proxy):
    with requests.Session() as session:
        session.trust_env = False  # it may name other certificates
        session.verify = str(proxy.certificate)
        session.auth = AS_CI
        yield session


@pytest.fixture
def connect(proxy):
    """Connect from a given address of this machine, to send what `requests` would tidy."""

    def connection(source="127.0.0.1"):
        context = ssl.create_default_context(cafile=proxy.certificate)
        return http.client.HTTPSConnection(
            "localhost", urlsplit(proxy.url).port, timeout=30, context=context, source_address=(source, 0)
        )

    return connection


def test_links_lead_back_through_the_proxy(proxy, client):
    index = client.get(f"{proxy.url}/")
    hrefs = [link["href"] for rel, link in index.json()["_links"].items() if rel != "curies"]

    assert index.status_code == 200
    assert [href for href in hrefs if not href.startswith(proxy.url)] == []
    assert client.get(index.json()["_links"]["pb:pacticipants"]["href"]).status_code == 200
    assert client.get(proxy.url, allow_redirects=False).headers["Location"] == "/contracts/"


def test_a_page_loads_what_it_needs_from_the_same_path(proxy, client):
    page = client.get(f"{proxy.url}/", headers={"Accept": "text/html"})
    needed = set(re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css|svg)[^"]*)"', page.text))

    assert needed
    assert {path.partition("/static")[0] for path in needed} == {"/contracts"}
    origin = proxy.url.removesuffix("/contracts")
    assert {client.get(origin + path).status_code for path in needed} == {200}


def test_what_the_client_says_of_itself_counts_for_nothing(proxy, client):
    index = client.get(f"{proxy.url}/", headers=HOSTILE)

    assert index.json()["_links"]["self"]["href"] == proxy.url


# nginx tidies `..%2F..` before it looks where it leads.
@pytest.mark.parametrize("name", [name for name in NAMES if name != "../.."])
def test_names_reach_the_broker_as_they_are(proxy, client, connect, name):
    answer = client.post(f"{proxy.url}/pacticipants", json={"name": name})
    assert answer.status_code in {201, 409}  # the other proxy has the same broker behind it
    href = f"/contracts/pacticipants/{quote(name, safe='').replace('.', '%2E')}"

    with closing(connect()) as connection:
        connection.request("GET", href, headers=credentials())
        found = connection.getresponse()

        assert (found.status, json_of(found)["name"]) == (200, name)


@pytest.mark.parametrize(
    "path", ["/metrics", "/contractsx", "/contracts/../metrics", "/contracts/%2e%2e/metrics"]
)
def test_nothing_beside_the_path_leads_to_the_broker(connect, path):
    with closing(connect()) as connection:
        connection.request("GET", path, headers=credentials())

        assert connection.getresponse().status in {400, 404}


def test_failed_log_ins_are_counted_by_the_address_of_the_client(connect):
    def log_in(source, number):
        with closing(connect(source)) as connection:
            said = {"Authorization": "Basic Y2k6d3Jvbmc=", "X-Forwarded-For": f"6.6.6.{number}"}
            connection.request("GET", "/contracts/pacticipants", headers=said)
            return connection.getresponse().status

    one = [log_in("127.0.0.3", number) for number in range(12)]
    another = log_in("127.0.0.4", 1)

    assert one[-1] == 429
    assert another == 401


def test_a_body_as_large_as_the_broker_takes_passes(proxy, client):
    text = "x" * 3 * 1024 * 1024
    answer = client.post(f"{proxy.url}/pacticipants", json={"name": text})

    assert answer.status_code == 400
    assert "errors" in answer.json()  # so says the broker


def test_a_larger_body_is_refused_before_it_is_sent(connect):
    most = ServerSettings().max_request_megabytes * 1024 * 1024
    with closing(connect()) as connection:
        connection.putrequest("POST", "/contracts/pacticipants")
        said = {**credentials(), "Content-Type": "application/json", "Content-Length": str(most + 1)}
        for name, value in {**said, "Expect": "100-continue"}.items():  # as curl asks with a large body
            connection.putheader(name, value)
        connection.endheaders()

        assert connection.getresponse().status == 413


def test_events_of_live_pages_come_at_once(proxy, client):
    accept = {"Accept": "text/event-stream"}
    with client.get(f"{proxy.url}/live", headers=accept, stream=True, timeout=30) as events:
        lines = events.iter_lines()
        assert next(lines) == b"retry: 5000"
        began = time.monotonic()
        name = f"live-{urlsplit(proxy.url).port}"

        client.post(f"{proxy.url}/contracts/publish", json=a_publication(a_pact(consumer=name)))
        event = next(line for line in lines if line.startswith(b"event"))

        assert event == b"event: changed"
        assert time.monotonic() - began < 10


def test_a_question_that_waits_is_answered_when_there_is_a_result(proxy, client):
    name = f"waits-{urlsplit(proxy.url).port}"
    client.post(f"{proxy.url}/contracts/publish", json=a_publication(a_pact(consumer=name)))
    pact = client.get(f"{proxy.url}/pacts/provider/Orders/consumer/{name}/latest").json()
    question = f"{proxy.url}/matrix?q[][pacticipant]={name}&q[][version]=1&latestby=cvp&wait=30"
    with ThreadPoolExecutor(1) as executor:
        asked = executor.submit(requests.get, question, verify=client.verify, auth=AS_CI, timeout=60)
        time.sleep(0.3)
        is_held = not asked.done()
        result = pact["_links"]["pb:publish-verification-results"]["href"]
        assert client.post(result, json=a_verification_result("7")).status_code == 201

        assert asked.result().json()["summary"]["deployable"] is True
    assert is_held


def test_no_proxy_cuts_a_question_that_waits_for_as_long_as_it_may():
    text = (real_proxies.FILES / "nginx.conf").read_text(encoding="utf-8")
    caddy = (real_proxies.FILES / "Caddyfile").read_text(encoding="utf-8")

    assert int(re.search(r"proxy_read_timeout (\d+)s;", text)[1]) > MOST_SECONDS + 10
    assert "response_header_timeout" not in caddy  # without one, it waits


def test_probes_need_no_credentials(proxy, client):
    client.auth = None

    assert client.get(f"{proxy.url}/health/live").status_code == 200
    assert client.get(f"{proxy.url}/pacticipants").status_code == 401


# Caddy does so by itself, on port 80 alone.
@pytest.mark.parametrize("proxy", ["nginx"], indirect=True)
def test_http_leads_to_https(proxy, client):
    answer = client.get(f"{proxy.plain}/contracts/x?y", allow_redirects=False)

    assert (answer.status_code, answer.headers["Location"]) == (308, "https://localhost/contracts/x?y")


def credentials():
    return {"Authorization": "Basic Y2k6YS1wYXNzd29yZC1vZi1jaQ=="}


def json_of(answer):
    return requests.models.complexjson.loads(answer.read())
