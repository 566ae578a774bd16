"""Publishing a version with all its contracts."""

import pytest
from support.factories import (
    a_message,
    a_message_pact,
    a_pact,
    a_publication,
    a_verification_result,
    an_interaction,
)

from broker.app import create_app
from broker.settings.settings import Settings
from tally.hashing import content_hash

PACT = "/pacts/provider/Orders/consumer/Shop/version/1"
PACT_URL = f"http://localhost{PACT}"


@pytest.fixture
def lenient_broker(database):
    """A broker that lets a version's pact change."""
    return create_app(Settings(allow_dangerous_contract_modification=True), database).test_client()


def publish(broker, *pacts, **changes):
    return broker.post("/contracts/publish", json=a_publication(*pacts, **changes))


def merging(*pacts, **changes):
    publication = a_publication(*pacts, **changes)
    for contract in publication["contracts"]:
        contract["onConflict"] = "merge"
    return publication


def notices(answer):
    return [(notice["type"], notice["text"].strip()) for notice in answer.json["notices"]]


def kinds(answer):
    return [notice["type"] for notice in answer.json["notices"]]


def test_publishing_says_step_by_step_what_was_done(broker):
    answer = publish(broker, a_pact(), tags=["dev", "test"])

    assert answer.status_code == 200
    assert notices(answer) == [
        ("debug", "Created Shop version 1 with branch main and tags dev, test"),
        ("success", "Pact of Shop 1 with Orders: published"),
        ("debug", f"View it at {PACT_URL}"),
        (
            "debug",
            (
                "Events: contract_published (a pact was published, changed or not), "
                "contract_content_changed (it differs from what was published before)"
            ),
        ),
        ("prompt", "Next steps:"),
        ("prompt", "* Orders has not verified a pact of Shop yet: run tally verify there"),
        (
            "prompt",
            "* No webhook tells Orders about changed pacts: create one that starts its build",
        ),
    ]


def test_the_logs_of_old_clients_say_the_same_as_the_notices(broker):
    answer = publish(broker)

    logs = [(entry["level"], entry["message"]) for entry in answer.json["logs"]]
    assert logs == [(notice["type"], notice["text"]) for notice in answer.json["notices"]]
    assert all(entry["deprecationWarning"] for entry in answer.json["logs"])


def test_every_link_of_the_answer_leads_somewhere(broker):
    answer = publish(broker, a_pact(), a_pact(provider="Stock"), tags=["dev", "test"]).json

    links = answer["_links"]
    found = [
        links["pb:pacticipant"],
        links["pb:pacticipant-version"],
        *links["pb:pacticipant-version-tags"],
        *links["pb:contracts"],
        answer["_embedded"]["pacticipant"]["_links"]["self"],
        answer["_embedded"]["version"]["_links"]["self"],
    ]
    assert [broker.get(link["href"]).status_code for link in found] == [200] * 8
    assert [link["name"] for link in links["pb:contracts"]] == [
        "Pact between Shop (1) and Orders",
        "Pact between Shop (1) and Stock",
    ]


def test_the_version_has_the_branch_the_tags_and_the_build_url(broker):
    publish(broker, branch="feat/x", tags=["dev", "test", "dev"], buildUrl="https://ci.example.org/1")

    version = broker.get("/pacticipants/Shop/versions/1").json
    assert version["buildUrl"] == "https://ci.example.org/1"
    assert [(branch["name"], branch["latest"]) for branch in version["_embedded"]["branches"]] == [
        ("feat/x", True)
    ]
    assert [tag["name"] for tag in version["_embedded"]["tags"]] == ["dev", "test"]


def test_publishing_again_keeps_what_was_said_of_the_version(broker):
    publish(broker, tags=["dev"], buildUrl="https://ci.example.org/1")

    publish(broker, branch="other", tags=None, buildUrl=None)

    version = broker.get("/pacticipants/Shop/versions/1").json
    assert version["buildUrl"] == "https://ci.example.org/1"
    assert [tag["name"] for tag in version["_embedded"]["tags"]] == ["dev"]
    assert [branch["name"] for branch in version["_embedded"]["branches"]] == ["main", "other"]


@pytest.mark.parametrize("name", ["main", "master", "develop"])
def test_the_first_candidate_becomes_the_main_branch_and_stays(broker, name):
    publish(broker, branch="feat/x", version="1")
    publish(broker, branch=name, version="2")
    publish(broker, branch="master" if name != "master" else "main", version="3")

    assert broker.get("/pacticipants/Shop").json["mainBranch"] == name


@pytest.mark.parametrize(
    ("branch", "tags", "main_branch"),
    [(None, ["main"], "main"), ("feat/x", ["dev", "master"], "master"), ("develop", ["main"], "develop")],
)
def test_a_tag_may_name_the_main_branch_as_well(broker, branch, tags, main_branch):
    publish(broker, branch=branch, tags=tags)

    assert broker.get("/pacticipants/Shop").json["mainBranch"] == main_branch


def test_without_a_branch_the_first_tag_becomes_one(broker):
    answer = publish(broker, branch=None, tags=["dev", "test"])

    version = broker.get("/pacticipants/Shop/versions/1").json
    assert [branch["name"] for branch in version["_embedded"]["branches"]] == ["dev"]
    assert kinds(answer)[:3] == ["debug", "prompt", "success"]


def test_a_version_may_have_no_contracts(broker):
    answer = broker.post("/contracts/publish", json={**a_publication(), "contracts": []})

    assert answer.status_code == 200
    assert broker.get("/pacticipants/Shop/versions/1").status_code == 200
    assert broker.get("/pacticipants/Orders").status_code == 404


def test_the_same_content_again_changes_nothing(broker):
    publish(broker)
    before = broker.get(PACT).json

    again = publish(broker, a_pact(metadata={"pactSpecification": {"version": "3.0.0"}, "by": "a tool"}))

    assert again.status_code == 200
    assert notices(again)[:2] == [
        ("debug", "Updated Shop version 1 with branch main"),
        ("success", "Pact of Shop 1 with Orders: published again, with the same content"),
    ]
    assert broker.get(PACT).json == before


def test_other_content_for_the_same_version_is_refused_with_a_diff(broker):
    publish(broker)

    answer = publish(broker, a_pact(an_interaction(response={"status": 404})), tags=["late"])

    assert answer.status_code == 409
    assert answer.mimetype == "application/json"
    (error, text), (info, diff) = notices(answer)
    assert (error, info) == ("error", "info")
    assert text.startswith("The pact of Shop 1 with Orders differs from what was published before.")
    assert ["-", '"status":', "200"] in [line.split() for line in diff.splitlines()]
    assert answer.json["errors"] == {"contracts": [text]}


def test_a_refused_publication_stores_nothing(broker):
    publish(broker)
    changed = a_pact(an_interaction(response={"status": 404}))

    publish(broker, a_pact(provider="Stock"), changed, tags=["late"], branch="late")

    assert broker.get("/pacticipants/Stock").status_code == 404
    version = broker.get("/pacticipants/Shop/versions/1").json
    assert version["_embedded"]["tags"] == []
    assert [branch["name"] for branch in version["_embedded"]["branches"]] == ["main"]
    assert broker.get(PACT).json["interactions"][0]["response"]["status"] == 200


def test_a_broker_may_be_told_to_let_content_change(lenient_broker):
    publish(lenient_broker)

    answer = publish(lenient_broker, a_pact(an_interaction(response={"status": 404})))

    assert answer.status_code == 200
    assert kinds(answer)[:2] == ["debug", "warning"]
    assert lenient_broker.get(PACT).json["interactions"][0]["response"]["status"] == 404
    versions = lenient_broker.get("/pacts/provider/Orders/consumer/Shop/versions").json
    assert len(versions["_embedded"]["pacts"]) == 1


def test_merging_adds_interactions_to_what_is_there(broker):
    publish(broker, a_pact(an_interaction("a"), an_interaction("b")))

    answer = broker.post("/contracts/publish", json=merging(a_pact(an_interaction("c"))))

    assert answer.status_code == 200
    assert notices(answer)[1] == (
        "success",
        "Pact of Shop 1 with Orders: merged with what was published before",
    )
    pact = broker.get(PACT).json
    assert [item["description"] for item in pact["interactions"]] == ["a", "b", "c"]


def test_what_is_merged_has_the_hash_of_the_whole(broker):
    whole = a_pact(an_interaction("a"), an_interaction("b"))
    broker.post("/contracts/publish", json=merging(a_pact(an_interaction("a"))))

    broker.post("/contracts/publish", json=merging(a_pact(an_interaction("b"))))

    assert broker.get(PACT).json["_links"]["pb:pact-version"]["name"] == content_hash(whole)


def test_merging_a_part_again_changes_nothing(broker):
    broker.post("/contracts/publish", json=merging(a_pact(an_interaction("a"))))
    broker.post("/contracts/publish", json=merging(a_pact(an_interaction("b"))))
    before = broker.get(PACT).json

    again = broker.post("/contracts/publish", json=merging(a_pact(an_interaction("a"))))

    assert "with the same content" in notices(again)[1][1]
    assert broker.get(PACT).json == before


def test_merging_another_request_under_the_same_description_is_refused(broker):
    publish(broker, a_pact(an_interaction("a")))
    other = an_interaction("a", request={"method": "DELETE", "path": "/orders/1"})

    answer = broker.post("/contracts/publish", json=merging(a_pact(other)))

    assert answer.status_code == 409
    assert "'a' is already there with another request" in answer.json["errors"]["contracts"][0]
    assert '"DELETE"' in answer.json["notices"][1]["text"]


def test_files_for_the_same_provider_in_one_publication_are_merged(broker):
    http, messages = a_pact(an_interaction("a")), a_message_pact(a_message("b"))

    answer = broker.post("/contracts/publish", json=merging(http, messages))

    assert answer.status_code == 200
    assert kinds(answer).count("success") == 1
    pact = broker.get(PACT).json
    assert [item["description"] for item in pact["interactions"] + pact["messages"]] == ["a", "b"]


def test_two_contents_for_the_same_provider_in_one_publication_are_refused(broker):
    answer = publish(broker, a_pact(an_interaction("a")), a_pact(an_interaction("b")))

    assert answer.status_code == 409
    assert broker.get("/pacticipants/Shop").status_code == 404


def test_a_provider_that_has_verified_needs_no_next_steps(broker):
    publish(broker)
    sha = content_hash(a_pact())
    results = f"/pacts/provider/Orders/consumer/Shop/pact-version/{sha}/verification-results"
    broker.post(results, json=a_verification_result())
    broker.post("/webhooks/provider/Orders", json={"request": {"url": "https://ci.example.org/verify"}})

    answer = publish(broker, version="2")

    assert "prompt" not in kinds(answer)


def test_a_name_that_resembles_another_is_refused(broker):
    publish(broker, a_pact(provider="Orders Service"))

    answer = publish(broker, a_pact(provider="order"), version="2")

    assert answer.status_code == 409
    assert kinds(answer) == ["error"]
    text = answer.json["notices"][0]["text"]
    assert "'order'" in text
    assert "'Orders Service'" in text
    assert "POST /pacticipants" in text
    assert broker.get("/pacticipants/Shop/versions/2").status_code == 404


def test_a_name_that_was_created_on_purpose_may_resemble_another(broker):
    publish(broker, a_pact(provider="Orders Service"))
    broker.post("/pacticipants", json={"name": "order"})

    assert publish(broker, a_pact(provider="order"), version="2").status_code == 200
