"""Log in by a real OpenID provider, `oidc-provider` of npm: unmodified, started by Node."""

import os
import re
import subprocess
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from support.npm_packages import NODE, NoRegistryError, installed
from support.reading_pages import A_BROWSER
from support.serving import free_port, serving

PROGRAM = Path(__file__).parents[1] / "support" / "openid_provider.mjs"
ACTION = re.compile(r'action="([^"]+)"')
PROMPT = re.compile(r'name="prompt" value="(\w+)"')

pytestmark = pytest.mark.slow


@pytest.fixture
def node_modules():
    try:
        return installed()
    except NoRegistryError as error:
        return pytest.skip(f"npm reaches no registry from which it can install oidc-provider: {error}")


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def broker(database_url, port, tmp_path):
    environment = {
        "TALLY_OIDC_PROVIDERS": "company",
        "TALLY_OIDC_COMPANY_ISSUER": f"http://127.0.0.1:{port}",
        "TALLY_OIDC_COMPANY_CLIENT_ID": "tally",
        "TALLY_OIDC_COMPANY_CLIENT_SECRET": "the-secret-of-tally",
        "TALLY_OIDC_COMPANY_SCOPES": "openid profile email groups",
        "TALLY_OIDC_ALLOWED_GROUPS": "staff",
        "TALLY_ADMIN_GROUP": "platform",
    }
    with serving(database_url, tmp_path / "log", environment=environment, is_forked=True) as url:
        yield url


@contextmanager
def providing(node_modules, port, broker, groups):
    """Run the provider for one client, the broker, and one person in these groups."""
    arguments = [NODE, PROGRAM, node_modules, str(port), f"{broker}/log-in/company/answer", groups]
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "NODE_ENV": "test"}
    )
    try:
        assert process.stdout.readline()
        yield
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def log_in(session, broker):
    """Log in at the provider's own pages, and return the page that the browser ends at."""
    answer = session.get(f"{broker}/log-in/company?to=/my/sessions", timeout=30)
    for _ in range(2):
        prompt = PROMPT.search(answer.text)
        assert prompt, answer.text
        fields = {"prompt": prompt[1], "login": "anna", "password": "any"}
        answer = session.post(urljoin(answer.url, ACTION.search(answer.text)[1]), data=fields, timeout=30)
        if answer.url.startswith(broker):
            break
    return answer


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_somebody_logs_in_and_an_answer_is_used_once(node_modules, broker, port):
    with providing(node_modules, port, broker, "staff platform"), requests.Session() as session:
        session.headers.update(A_BROWSER)

        page = log_in(session, broker)

        assert page.url == f"{broker}/my/sessions"
        assert "<strong>anna</strong>" in page.text
        assert "company" in page.text
        api = {"Accept": "application/hal+json"}
        assert session.get(f"{broker}/pacticipants", headers=api, timeout=30).status_code == 200
        used = next(step.url for step in page.history if "/answer?" in step.url)
        again = session.get(used, timeout=30)
        assert again.status_code == 403


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_is_in_no_group_of_the_settings_does_not_get_in(node_modules, broker, port):
    with providing(node_modules, port, broker, "guests"), requests.Session() as session:
        session.headers.update(A_BROWSER)

        page = log_in(session, broker)

        assert page.status_code == 403
        assert "you are in no group that may log in here" in page.text
