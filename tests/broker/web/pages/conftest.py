from urllib.parse import quote

import pytest
from support.factories import a_pact, a_publication, a_verification_result
from support.reading_pages import A_BROWSER, Page


@pytest.fixture
def visit(broker):
    """Go to a page of the broker, as a browser does."""
    return lambda path: Page(broker.get(path, headers=A_BROWSER))


@pytest.fixture
def publish(broker):
    """Publish a pact, and return what the broker then has of it."""

    def publish(pact=None, **publication):
        pact = pact or a_pact()
        body = a_publication(pact, **publication)
        answer = broker.post("/contracts/publish", json=body)
        assert answer.status_code == 200, answer.text
        provider, consumer, version = (
            quote(part, safe="")
            for part in (pact["provider"]["name"], pact["consumer"]["name"], body["pacticipantVersionNumber"])
        )
        return broker.get(f"/pacts/provider/{provider}/consumer/{consumer}/version/{version}").json

    return publish


@pytest.fixture
def verify(broker):
    """Tell the broker the result of a version of the provider, and on which branch that is."""

    def verify(published, version="1", *, branch=None, metadata="", **result):
        links = published["_links"]
        if branch:
            broker.put(f"{links['pb:provider']['href']}/branches/{branch}/versions/{version}", json={})
        url = links["pb:publish-verification-results"]["href"]
        if metadata:
            url = url.replace("/verification-results", f"/metadata/{metadata}/verification-results")
        answer = broker.post(url, json=a_verification_result(version, **result))
        assert answer.status_code == 201, answer.text

    return verify
