"""The table of cases for pacts to verify, through the API, on both databases."""

from datetime import timedelta

import pytest
from support.decisions_over_http import Api, expect
from support.factories import NOON
from support.pacts_to_verify import as_query
from support.verification_cases import read

from broker.app import create_app
from broker.domain.verifications.url_metadata import Metadata, encode
from broker.settings.from_environment import from_environment
from broker.web import routes

CASES = read()
URL = routes.path("pacts-for-verification", provider="Bar")


class World(Api):
    """A broker whose clock goes on when somebody says so."""

    def __init__(self, database, settings):
        self._now = NOON
        self.client = create_app(settings, database, clock=lambda: self._now).test_client()
        super().__init__(self.client)

    def later(self, number, _days):
        self._now += timedelta(days=int(number))

    def main(self, name, branch):
        url = routes.path("pacticipant", pacticipant=name)
        patched = self.client.patch(
            url, json={"mainBranch": branch}, content_type="application/merge-patch+json"
        )
        expect(patched, 200)

    def left(self, name, number, branch):
        url = routes.path("branch-version", pacticipant=name, branch=branch, version=number)
        expect(self.client.delete(url), 204)

    def ended(self, name, branch):
        expect(self.client.delete(routes.path("branch", pacticipant=name, branch=branch)), 204)

    def deleted(self, name, number):
        expect(self.client.delete(routes.path("version", pacticipant=name, version=number)), 204)

    def tried(self, provider, number, consumer, version):
        pact = routes.path("pact", provider=provider, consumer=consumer, consumer_version=version)
        results = self.client.get(pact).json["_links"]["pb:publish-verification-results"]["href"]
        wip = results.replace("/verification-results", "/metadata/{}/verification-results")
        segment = encode(Metadata((version,), wip=True))
        result = {"success": True, "providerApplicationVersion": number}
        expect(self.client.post(wip.format(segment), json=result), 201)


def told(pact):
    """Return a pact to verify as an answer in the table."""
    name = pact["_links"]["self"]["name"].removeprefix("Pact between ")
    consumer, _, rest = name.partition(" (")
    properties = pact["verificationProperties"]
    words = [consumer, rest.partition(")")[0], *(key for key in ("pending", "wip") if properties.get(key))]
    return " ".join(words)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_pacts_to_verify_are(case, database):
    # A tag is a tag here, whenever it comes.
    settings = from_environment({"TALLY_USE_FIRST_TAG_AS_BRANCH": "false", **case.settings})
    world = World(database, settings)
    for verb, words in case.events:
        getattr(world, verb)(*words)

    found = expect(world.client.post(URL, json=case.body), 200).json["_embedded"]["pacts"]

    by_query = expect(world.client.get(URL, query_string=as_query(case.body)), 200).json["_embedded"]["pacts"]
    assert [told(pact) for pact in found] == [answer for answer in case.answer if answer != "nothing"]
    assert [told(pact) for pact in by_query] == [told(pact) for pact in found]
    if case.short:
        assert [pact["shortDescription"] for pact in found] == case.short
