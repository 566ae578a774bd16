"""The broker decides, in random worlds with service contracts, as an oracle that shares nothing with it."""

import pytest
from hypothesis import Phase, given, settings
from support.contract_worlds import ENVIRONMENT, HISTORIES, after
from support.databases import NEW_DATABASE
from support.factories import NOON
from support.searching import search

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.database import Database


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@given(history=HISTORIES)
@settings(search(25, is_fixed=True), phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_what_can_be_deployed(kind, history):
    with NEW_DATABASE[kind]() as url:
        database = Database(url)
        client = create_app(Settings(), database, clock=lambda: NOON).test_client()
        world = after(history, client, database, lambda: NOON)
        told = {}
        for name, number in sorted(world.versions):
            question = f"/can-i-deploy?pacticipant={name}&version={number}&environment={ENVIRONMENT}"
            answer = client.get(question)
            assert answer.status_code == 200, answer.text
            summary = answer.json["summary"]
            told[name, number] = summary["deployable"]
            assert summary["deployable"] is not True or not (summary["failed"] or summary["unknown"])
            move = f"q[][pacticipant]={name}&q[][version]={number}&environment={ENVIRONMENT}"
            plan = client.get(f"/deploy-plan?{move}").json
            assert plan["summary"]["possible"] is (summary["deployable"] is True)
        database.close()

    assert told == {version: world.can_be_deployed(*version) for version in world.versions}
