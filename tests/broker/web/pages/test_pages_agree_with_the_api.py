"""Whoever asks what can be deployed gets one answer: from a page, the API, the command, a badge."""

import re
from urllib.parse import urlencode

from hypothesis import Phase, given, settings
from support.contract_worlds import ENVIRONMENT, HISTORIES, after
from support.databases import new_sqlite
from support.decision_worlds import QUESTIONS, possible
from support.decisions_over_http import Api, happen
from support.factories import NOON
from support.reading_pages import A_BROWSER, Page
from support.searching import search

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database
from tally.broker_client import BrokerClient, Resource
from tally.commands.decisions.decisions import decision

WORDS = {"Yes", "No", "Not yet"}
WITHOUT_SHRINKING = settings(search(5, is_fixed=True), phases=[Phase.explicit, Phase.reuse, Phase.generate])
GREEN = "#2e7d32"
_CELL = re.compile(r'aria-label="(\S+) with (\S+): (verified|failed)"')


class Asked:
    """A broker that is asked in every way."""

    def __init__(self, client):
        self._client = client

    def page(self, path, **query):
        answer = self._client.get(path, query_string=urlencode(query), headers=A_BROWSER)
        assert answer.status_code == 200, answer.text
        return Page(answer)

    def decision(self, **query):
        """Return the word and the sentence of the page."""
        text = self.page("/can-i-deploy", **query).text
        word = text.partition(":")[0]
        sentence = text.partition(f" Ask {word} ")[2].partition(".")[0]
        assert word in WORDS
        return word, sentence

    def api(self, path, query):
        answer = self._client.get(path, query_string=urlencode(query))
        assert answer.status_code == 200, answer.text
        return answer.json

    def command(self, name, number, environment):
        """Return what `tally can-i-deploy` prints first: it asks the matrix."""
        query = [("q[][pacticipant]", name), ("q[][version]", number), ("latestby", "cvp")]
        found = self.api("/matrix", [*query, ("environment", environment)])
        read = decision(Resource(BrokerClient("http://localhost"), "http://localhost/matrix", found))
        return read.verdict(name, "be deployed")

    def badge(self, name, branch, environment):
        url = f"/pacticipants/{name}/branches/{branch}/latest-version/can-i-deploy/to-environment"
        return self._client.get(f"{url}/{environment}/badge.svg").text

    def cells(self, consumer, provider):
        """Return the verdicts of the grid of a pair, by the two versions."""
        url = f"/matrix/provider/{provider}/consumer/{consumer}"
        found = _CELL.findall(self._client.get(url, headers=A_BROWSER).text)
        return {(one, other): verdict for one, other, verdict in found}

    def agrees_about(self, name, number, environment):
        query = {"pacticipant": name, "version": number, "environment": environment}
        word, sentence = self.decision(**query)
        summary = self.api("/can-i-deploy", query)["summary"]

        assert word == as_word(summary)
        assert self.command(name, number, environment).startswith("Yes:" if word == "Yes" else "No:")
        rows = self.page(f"/pacticipants/{name}/versions/{number}").rows
        (row,) = [row for row in rows if row[0].startswith(environment) and row[1] in WORDS]
        assert (row[1], row[2].partition(".")[0]) == (word, sentence)


def as_word(summary):
    if summary["deployable"] is None and not summary["failed"]:
        return "Not yet"
    return "Yes" if summary["deployable"] else "No"


@given(case=QUESTIONS)
@WITHOUT_SHRINKING
def test_in_worlds_of_pacts(case):
    model = possible(case)
    with new_sqlite() as url:
        database = Database(url)
        client = create_app(Settings(), database).test_client()
        happen(case, Api(client))
        asked = Asked(client)
        for name, number in model.versions:
            for environment in ("test", "production"):
                asked.agrees_about(name, number, environment)
        for (name, branch), numbers in model.branches.items():
            if numbers:
                word, _ = asked.decision(pacticipant=name, branch=branch, environment="test")
                assert (GREEN in asked.badge(name, branch, "test")) is (word == "Yes")
        pairs = {(consumer, provider) for (consumer, _), provider in model.pacts}
        for consumer, provider in sorted(pairs):
            agrees_with_the_matrix(asked, consumer, provider)
        database.close()


def agrees_with_the_matrix(asked, consumer, provider):
    query = [
        ("q[][pacticipant]", consumer),
        ("q[][pacticipant]", provider),
        ("latestby", "cvpv"),
        ("limit", 999),
    ]
    rows = asked.api("/matrix", query)["matrix"]
    told = {
        (row["consumer"]["version"]["number"], row["provider"]["version"]["number"]): "verified"
        if row["verificationResult"]["success"]
        else "failed"
        for row in rows
        if row["verificationResult"]
        and (row["consumer"]["name"], row["provider"]["name"]) == (consumer, provider)
    }
    assert asked.cells(consumer, provider) == told


@given(history=HISTORIES)
@WITHOUT_SHRINKING
def test_in_worlds_of_service_contracts(history):
    with new_sqlite() as url:
        database = Database(url)
        client = create_app(Settings(), database, clock=lambda: NOON).test_client()
        world = after(history, client, database, lambda: NOON)
        asked = Asked(client)
        for name, number in sorted(world.versions):
            asked.agrees_about(name, number, ENVIRONMENT)
        database.close()
