"""A broker in which much was deleted: no document and no page stumbles over what is missing."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from support.factories import a_verification_result
from support.full_world import World
from support.hal_crawler import crawl, hal_links, html_links

from broker.app import create_app
from broker.background import clean_up
from broker.domain.retention.policy import BranchSelector, Policy
from broker.settings.settings import Settings

pytestmark = pytest.mark.no_cover

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
KINDS = ("application/hal+json", "text/html")
DESCRIPTIONS = "/api-docs/"
"""The pages that describe the API know nothing of what is stored: all are read in other tests."""
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


@pytest.fixture
def team(database):
    settings = Settings(allow_dangerous_contract_modification=True, secrets_key=(KEY,))
    return create_app(settings, database).test_client()


@pytest.fixture
def world(team, database):
    return World(team, database)


def failing(team, world, accept):
    """Follow every link from many starts; return those that the broker fails to answer."""

    def get(address):
        path = address.removeprefix("http://localhost") or "/"
        return team.get(path, headers={"Accept": accept}, buffered=True)

    def onward(_, answer):
        if answer.mimetype == "application/hal+json" and answer.status_code == 200:
            return [link.href for link in hal_links(answer.json) if not link.templated]
        ours = html_links(answer.text) if answer.mimetype == "text/html" else []
        followed = [address for address in ours if address.startswith(("/", "http://localhost"))]
        return [address for address in followed if not address.startswith(DESCRIPTIONS)]

    answers = crawl([start.format_map(world.ids) for start in STARTS], get, onward)
    assert len(answers) > len(STARTS)
    return {address: answer.status_code for address, answer in answers.items() if answer.status_code >= 500}


@pytest.mark.parametrize("accept", KINDS)
@pytest.mark.parametrize("deleted", DELETED)
def test_every_address_still_answers(team, world, deleted, accept):
    for path in DELETED[deleted]:
        assert team.delete(path.format_map(world.ids)).status_code == 204

    assert failing(team, world, accept) == {}


@pytest.mark.parametrize("accept", KINDS)
def test_every_address_still_answers_after_a_clean_up(team, world, database, accept):
    in_a_month = datetime.now(UTC) + timedelta(days=30)

    clean_up.clean(
        database, Policy((), branch_selectors=(BranchSelector(max_age=0),), overwritten_days=0), in_a_month
    )

    assert failing(team, world, accept) == {}


@pytest.mark.parametrize("accept", KINDS)
def test_a_result_that_comes_after_the_pacts_were_deleted_is_kept(team, world, database, accept):
    results = f"{PAIR}/pact-version/{world.ids['sha']}/verification-results"
    assert team.delete(f"{PAIR}/versions").status_code == 204

    late = team.post(results, json=a_verification_result("late", success=False))

    assert late.status_code == 201, late.text
    assert team.get(late.json["_links"]["self"]["href"]).json["success"] is False
    assert failing(team, world, accept) == {}
    clean_up.clean(database, Policy((), overwritten_days=0), datetime.now(UTC) + timedelta(days=1))
    assert team.get(late.json["_links"]["self"]["href"]).status_code == 404
