"""What happens before a provider asks for its pacts."""

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction
from support.pacts_to_verify import URL


@pytest.fixture
def publish(broker):
    """Publish a pact of Shop with Orders; the same *content* is the same pact."""

    def publish(version, content="a", branch="main", consumer="Shop", **changes):
        pact = a_pact(an_interaction(content), consumer=consumer)
        answer = broker.post(
            "/contracts/publish", json=a_publication(pact, version=version, branch=branch, **changes)
        )
        assert answer.status_code == 200, answer.text

    return publish


@pytest.fixture
def ask(broker):
    """Ask for the pacts to verify; return what is embedded."""

    def ask(*selectors, **options):
        answer = broker.post(URL, json={"consumerVersionSelectors": list(selectors), **options})
        assert answer.status_code == 200, answer.text
        return answer.json["_embedded"]["pacts"]

    return ask


@pytest.fixture
def verify(broker):
    """Publish a result for a pact to verify, of a provider version on a branch."""

    def verify(pact, version, branch="main", *, success=True):
        broker.put(f"/pacticipants/Orders/branches/{branch}/versions/{version}", json={})
        document = broker.get(pact["_links"]["self"]["href"]).json
        results = document["_links"]["pb:publish-verification-results"]["href"]
        answer = broker.post(results, json=a_verification_result(version, success=success))
        assert answer.status_code == 201, answer.text

    return verify


@pytest.fixture
def deploy(broker):
    """Record that a version of Shop is deployed to an environment."""

    def deploy(version, environment):
        links = broker.get(f"/pacticipants/Shop/versions/{version}").json["_links"]["pb:record-deployment"]
        href = next(link["href"] for link in links if link["name"] == environment)
        assert broker.post(href, json={}).status_code == 201

    return deploy
