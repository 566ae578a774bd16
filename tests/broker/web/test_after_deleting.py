"""A broker in which much was deleted: no document and no page stumbles over what is missing."""

import pytest
from cryptography.fernet import Fernet
from full_world import World
from hal_crawler import crawl, hal_links, html_links

from broker.app import create_app
from broker.settings import Settings

KEY = Fernet.generate_key().decode()
PAIR = "/pacts/provider/Orders/consumer/Shop"
STARTS = (
    "/",
    "/dashboard",
    "/metrics",
    "/pacticipants/Orders/versions/1",
    "/pacts/provider/Orders/for-verification",
    "/matrix?q[][pacticipant]=Shop&q[][pacticipant]=Orders",
    "/matrix?q[][pacticipant]=Orders&q[][version]=1&latestby=cvp",
    "/can-i-deploy?pacticipant=Orders&version=1&environment=live",
    f"{PAIR}/latest/badge.svg",
    f"{PAIR}/webhooks/status",
    f"{PAIR}/pact-version/{{sha}}/verification-results/latest",
    f"{PAIR}/pact-version/{{sha}}/verification-results/{{number}}/triggered-webhooks",
)
DELETED = {
    "all versions of a consumer": [f"/pacticipants/Shop/versions/{number}" for number in "123"],
    "all versions of a provider": [f"/pacticipants/Orders/versions/{number}" for number in "12"],
    "the pacts of a pair": [f"{PAIR}/versions"],
    "all branches and tags": [
        *(f"/pacticipants/Shop/branches/{name}" for name in ("main", "side", "fix")),
        *(f"/pacticipants/Shop/versions/{number}/tags/dev" for number in "123"),
    ],
    "all environments": ["/environments/{staging}", "/environments/{live}"],
    "all webhooks": ["/webhooks/{anybody}", "/webhooks/{Shop and Orders}"],
}


@pytest.mark.parametrize("accept", ["application/hal+json", "text/html"])
@pytest.mark.parametrize("deleted", DELETED)
def test_every_address_still_answers(database, deleted, accept):
    settings = Settings(allow_dangerous_contract_modification=True, secrets_key=(KEY,))
    broker = create_app(settings, database).test_client()
    ids = World(broker, database).ids
    for path in DELETED[deleted]:
        assert broker.delete(path.format_map(ids)).status_code == 204

    def get(address):
        path = address.removeprefix("http://localhost") or "/"
        return broker.get(path, headers={"Accept": accept}, buffered=True)

    def onward(_, answer):
        if answer.mimetype == "application/hal+json" and answer.status_code == 200:
            return [link.href for link in hal_links(answer.json) if not link.templated]
        ours = html_links(answer.text) if answer.mimetype == "text/html" else []
        return [address for address in ours if address.startswith(("/", "http://localhost"))]

    answers = crawl([start.format_map(ids) for start in STARTS], get, onward)

    assert len(answers) > len(STARTS)
    assert {
        address: answer.status_code for address, answer in answers.items() if answer.status_code >= 500
    } == {}
