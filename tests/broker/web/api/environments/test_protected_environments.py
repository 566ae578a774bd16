"""Who may record that a version is in an environment, and what it must have for that."""

import json
from threading import Thread

import pytest
from support.factories import a_pact, a_publication, a_verification_result
from support.teams_and_tokens import NOW, TeamsAndTokens

from broker.app import create_app
from broker.settings.settings import Settings

MERGE_PATCH = "application/merge-patch+json"
ROLES = {
    "ann": [("administrator", None)],
    "publisher": [("publisher", "shop")],
    "deployer": [("deployer", "shop")],
    "lead": [("team-administrator", "shop")],
    "stranger": [("deployer", "orders")],
    "releaser": [("publisher", None)],
    "operator": [("deployer", None)],
}
BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def world(database):
    found = TeamsAndTokens(database, roles=ROLES, owned={"shop": ["Shop"], "orders": ["Orders"]})
    with database.transaction() as storage:
        known = storage.pacticipants.find_or_create(["Shop", "Orders"], NOW)
        for pacticipant in known.values():
            for number in ("1", "2"):
                storage.versions.find_or_create(pacticipant, number, NOW)
    return found


def environment(client, name, **changes):
    body = {"name": name, "production": False, **changes}
    found = client.get(f"/environments?name={name}").json["_embedded"]["environments"]
    if found:
        return client.put(f"/environments/{found[0]['uuid']}", json=body).json
    return client.post("/environments", json=body).json


def deploy(client, environment, pacticipant="Shop", version="1", what="deployed", **body):
    url = f"/pacticipants/{pacticipant}/versions/{version}/{what}-versions/environment/{environment['uuid']}"
    return client.post(url, json=body)


def deploy_with(client, environment, token):
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return deploy(client, environment)


def current(client, environment):
    found = client.get(f"/environments/{environment['uuid']}/deployed-versions/currently-deployed").json
    return [
        (item["_embedded"]["pacticipant"]["name"], item["_embedded"]["version"]["number"])
        for item in found["_embedded"]["deployedVersions"]
    ]


@BOTH
@pytest.mark.parametrize("what", ["deployed", "released"])
@pytest.mark.parametrize(
    ("protection", "may"),
    [
        ({}, {"ann", "publisher", "deployer", "lead", "releaser", "operator"}),
        ({"production": True}, {"ann"}),
        ({"production": True, "protected": False}, {"ann", "publisher", "deployer", "lead", "releaser",
                                                   "operator"}),
        ({"protected": True, "deployers": ["Shop"]}, {"ann", "deployer", "lead", "operator"}),
        ({"protected": True, "deployers": ["orders"]}, {"ann"}),
    ],
)  # fmt: skip
def test_a_deployment_needs_the_role_and_in_a_protected_environment_the_list(world, what, protection, may):
    place = environment(world.asking_as("ann"), "there", **protection)

    answers = {name: deploy(world.asking_as(name), place, what=what) for name in ROLES}

    assert {name for name, answer in answers.items() if answer.status_code in {200, 201}} == may
    refused = {answer.status_code for name, answer in answers.items() if name not in may}
    assert refused <= {403}
    assert "needs the permission 'deploy' for Shop in the" in answers["stranger"].json["error"]


def test_a_refusal_says_whether_the_role_or_the_list_of_the_environment_is_missing(world):
    ann = world.asking_as("ann")
    place = environment(ann, "there", protected=True)

    unlisted = [deploy(world.asking_as(name), place).json["error"] for name in ("deployer", "lead")]
    stranger = deploy(world.asking_as("stranger"), place).json["error"]
    environment(ann, "there", protected=True, deployers=["shop"])
    listed = deploy(world.asking_as("publisher"), place).json["error"]

    assert all(said.endswith("broker can list the team shop among its deployers.") for said in unlisted)
    assert stranger.endswith("An administrator of the team shop can grant it.")
    assert listed.endswith("An administrator of the team shop can grant it.")


def test_a_token_for_other_environments_is_told_so(world):
    ann = world.asking_as("ann")
    place = environment(ann, "there")
    made = ann.post("/tokens", json={"name": "narrow", "environments": ["test"]})
    client = world.asking_as(None)

    refused = deploy_with(client, place, made.json["token"])

    assert refused.status_code == 403
    assert "This token is for other environments." in refused.json["error"]


def test_nobody_records_anything_without_a_token(world):
    place = environment(world.asking_as("ann"), "there")

    assert deploy(world.asking_as(None), place).status_code == 401
    assert current(world.asking_as("ann"), place) == []


@pytest.mark.parametrize(
    ("what", "field"), [("deployed", "currentlyDeployed"), ("released", "currentlySupported")]
)
def test_ending_a_deployment_or_the_support_of_a_release_needs_what_recording_it_does(world, what, field):
    place = environment(world.asking_as("ann"), "there", protected=True, deployers=["shop"])
    recorded = deploy(world.asking_as("ann"), place, what=what).json["_links"]["self"]["href"]

    def end(name, *, is_current):
        return world.asking_as(name).patch(recorded, json={field: is_current}, content_type=MERGE_PATCH)

    assert {name: end(name, is_current=False).status_code for name in ("publisher", "stranger")} == {
        "publisher": 403,
        "stranger": 403,
    }
    assert end("stranger", is_current=None).status_code == 403
    assert world.asking_as("ann").get(recorded).json[field] is True
    assert end("deployer", is_current=False).json[field] is False


def test_a_deployment_ends_none_of_another_application(world):
    ann = world.asking_as("ann")
    place = environment(ann, "there")
    deploy(ann, place, "Orders", "1")

    deploy(world.asking_as("deployer"), place, "Shop", "1")
    deploy(world.asking_as("deployer"), place, "Shop", "2")

    assert sorted(current(ann, place)) == [("Orders", "1"), ("Shop", "2")]


def test_a_client_that_knows_nothing_of_protection_leaves_it_as_it_is(world):
    ann = world.asking_as("ann")
    environment(ann, "there", protected=True, deployers=["shop", "Orders"], requiresCanIDeploy=True)

    changed = environment(ann, "there", displayName="There")
    reset = environment(ann, "there", protected=False, deployers=[], requiresCanIDeploy=False)

    assert changed["displayName"] == "There"
    assert (changed["protected"], changed["deployers"], changed["requiresCanIDeploy"]) == (
        True,
        ["orders", "shop"],
        True,
    )
    assert (reset["protected"], reset["deployers"], reset["requiresCanIDeploy"]) == (False, [], False)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"protected": "yes"}, "protected"),
        ({"deployers": "shop"}, "deployers"),
        ({"deployers": ["shop", "nobody"]}, "deployers"),
        ({"deployers": ["a"] * 101}, "deployers"),
        ({"requiresCanIDeploy": 1}, "requiresCanIDeploy"),
    ],
)
def test_a_wrong_protection_is_refused_with_its_field_and_changes_nothing(world, given, field):
    ann = world.asking_as("ann")
    place = environment(ann, "there", protected=True, deployers=["shop"])

    answer = ann.put(f"/environments/{place['uuid']}", json={"name": "new", "production": False, **given})

    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]
    assert ann.get(f"/environments/{place['uuid']}").json == place


def test_without_accounts_a_document_says_nothing_of_protection_that_nobody_set(broker):
    plain = broker.post("/environments", json={"name": "plain", "production": True}).json
    strict = broker.post(
        "/environments", json={"name": "strict", "production": True, "requiresCanIDeploy": True}
    ).json

    assert set(plain) == {"uuid", "name", "displayName", "production", "createdAt", "_links"}
    assert set(strict) - set(plain) == {"requiresCanIDeploy"}


def verify(client, *, success):
    published = client.post("/contracts/publish", json=a_publication(a_pact(), version="3")).json
    pact = client.get(published["_links"]["pb:contracts"][0]["href"]).json
    return client.post(
        pact["_links"]["pb:publish-verification-results"]["href"],
        json=a_verification_result("1", success=success),
    )


@BOTH
@pytest.mark.parametrize("what", ["deployed", "released"])
def test_where_a_yes_is_required_a_no_and_an_unknown_are_refused_with_the_reasons(world, what):
    ann = world.asking_as("ann")
    strict = environment(ann, "strict", requiresCanIDeploy=True)
    deploy(ann, strict, "Orders", "1", what)
    ann.post("/contracts/publish", json=a_publication(a_pact(), version="3"))

    unknown = deploy(world.asking_as("lead"), strict, version="3", what=what)
    verify(ann, success=False)
    failed = deploy(world.asking_as("lead"), strict, version="3", what=what)
    verify(ann, success=True)
    allowed = deploy(world.asking_as("lead"), strict, version="3", what=what)

    assert (unknown.status_code, failed.status_code, allowed.status_code) == (409, 409, 201)
    lines = unknown.json["error"].split("\n")
    assert lines[0] == (
        "Shop 3 was not recorded in strict, which requires that can-i-deploy says yes. The answer is not "
        "yes: it is not known"
    )
    asked = ann.get("/can-i-deploy?pacticipant=Shop&version=2&environment=strict").json
    assert asked["summary"]["deployable"] is True  # a version without contracts may go
    assert any("There is no verified pact" in line for line in lines)
    assert any(line.startswith("Next: ") for line in lines)
    assert "The answer is no\n" in failed.json["error"]


def test_what_can_i_deploy_says_of_a_first_version_without_contracts_holds(world):
    strict = environment(world.asking_as("ann"), "strict", requiresCanIDeploy=True)

    assert deploy(world.asking_as("lead"), strict, version="1").status_code == 201


def test_an_override_needs_a_permission_of_its_own_and_is_in_the_audit_log(world):
    ann = world.asking_as("ann")
    strict = environment(ann, "strict", requiresCanIDeploy=True)
    ann.post("/contracts/publish", json=a_publication(a_pact(), version="3"))

    denied = deploy(world.asking_as("lead"), strict, version="3", override="the shop is down")
    blank = deploy(ann, strict, version="3", override="  ")
    done = deploy(ann, strict, version="3", override="the shop is down")

    assert (denied.status_code, blank.status_code, done.status_code) == (403, 400, 201)
    assert "'override'" in denied.json["error"]
    actor, action, outcome, after = world.entries()[0]
    assert (actor, action, outcome) == ("ann", "deployed_versions.record", "overridden")
    assert json.loads(after)["override"] == "the shop is down"


def test_an_override_where_none_is_needed_is_a_deployment_like_any_other(world):
    place = environment(world.asking_as("ann"), "there")

    assert deploy(world.asking_as("lead"), place, override="just in case").status_code == 201
    assert world.entries()[0].outcome == "done"


def test_without_accounts_whoever_may_write_may_override(broker):
    strict = broker.post(
        "/environments", json={"name": "strict", "production": False, "requiresCanIDeploy": True}
    ).json
    broker.post("/contracts/publish", json=a_publication(a_pact(), version="3"))

    assert deploy(broker, strict, version="3").status_code == 409
    assert deploy(broker, strict, version="3", override="I know").status_code == 201
    assert current(broker, strict) == [("Shop", "3")]


def test_releases_take_a_body_of_any_fields_as_before_but_an_override_must_be_a_text(world):
    place = environment(world.asking_as("ann"), "there")
    lead = world.asking_as("lead")

    assert deploy(lead, place, what="released", anything=[1]).status_code == 201
    assert deploy(lead, place, what="released", override=1).status_code == 400


@BOTH
def test_a_second_decision_waits_for_the_first_to_be_recorded(world, database):
    ann = world.asking_as("ann")
    strict = environment(ann, "strict", requiresCanIDeploy=True)
    deploy(ann, strict, "Orders", "1")
    ann.post("/contracts/publish", json=a_publication(a_pact(), version="3"))
    answers = []

    with database.transaction() as storage:
        place = storage.environments.find(strict["uuid"])
        storage.environments.lock(place)
        storage.deployments.record(storage.versions.find("Shop", "3"), place, NOW)
        # Shop 3 does not work with Orders 2, which may go as long as Shop is not there.
        second = Thread(target=lambda: answers.append(deploy(ann, strict, "Orders", "2").status_code))
        second.start()
        second.join(0.5)
        waits = second.is_alive()
    second.join(30)

    assert (waits, answers) == (True, [409])


def tag(client, version, name="strict"):
    return client.put(f"/pacticipants/Shop/versions/{version}/tags/{name}", content_type="application/json")


def test_a_tag_that_records_a_deployment_needs_what_recording_it_does(world):
    ann = world.asking_as("ann")
    place = environment(ann, "strict", protected=True, deployers=["shop"])

    refused = tag(world.asking_as("publisher"), "4")

    assert refused.status_code == 403
    assert "Shop in the protected environment strict" in refused.json["error"]
    assert ann.get("/pacticipants/Shop/versions/4").status_code == 404  # nothing is half there
    assert tag(world.asking_as("publisher"), "4", "other").status_code == 201
    assert tag(world.asking_as("lead"), "4").status_code == 201
    assert current(ann, place) == [("Shop", "4")]


def test_a_tag_is_refused_where_a_yes_is_required_and_there_is_none(world):
    ann = world.asking_as("ann")
    place = environment(ann, "strict", requiresCanIDeploy=True)
    ann.post("/contracts/publish", json=a_publication(a_pact(), version="3"))

    refused = tag(ann, "3")

    assert refused.status_code == 409
    assert "tally record-deployment --override" in refused.json["error"]
    assert ann.get("/pacticipants/Shop/versions/3/tags/strict").status_code == 404
    assert current(ann, place) == []


def test_without_the_setting_a_tag_is_a_tag(database):
    world = TeamsAndTokens(
        database, roles=ROLES, owned={"shop": ["Shop"]}, create_deployed_versions_for_tags=False
    )
    place = environment(world.asking_as("ann"), "strict", production=True)

    assert tag(world.asking_as("publisher"), "4").status_code == 201
    assert current(world.asking_as("ann"), place) == []


def test_no_other_way_to_tag_a_version_records_a_deployment(database):
    broker = create_app(Settings(), database).test_client()
    published = broker.post(
        "/contracts/publish", json=a_publication(a_pact(), version="3", branch=None, tags=["production"])
    ).json
    broker.put("/pacticipants/Shop/versions/3", json={"tags": [{"name": "production"}]})
    assert published["_links"]["pb:pacticipant-version-tags"]
    openapi = {"openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "paths": {}}
    service = {"pacticipantName": "Orders", "pacticipantVersionNumber": "1", "tags": ["production"]}
    document = {"name": "api", "specification": "openapi", "content": openapi}
    answer = broker.post("/service-contracts/publish", json={**service, "documents": [document]})
    assert answer.status_code == 200, answer.json
    broker.put("/pacticipants/Orders/branches/production/versions/1", json={})
    production = broker.get("/environments?name=production").json["_embedded"]["environments"][0]

    assert broker.get("/pacticipants/Shop/versions/3/tags/production").status_code == 200
    assert broker.get("/pacticipants/Orders/versions/1/tags/production").status_code == 200
    assert current(broker, production) == []


@BOTH
@pytest.mark.parametrize("what", ["deployed", "released"])
def test_what_is_in_a_protected_environment_is_removed_only_by_who_may_end_that(world, what):
    ann, lead = world.asking_as("ann"), world.asking_as("lead")
    place = environment(ann, "there", protected=True)
    deploy(ann, place, what=what)

    refused = [lead.delete(f"/pacticipants/Shop{rest}") for rest in ("/versions/1", "")]
    other = lead.delete("/pacticipants/Shop/versions/2")
    environment(ann, "there", protected=True, deployers=["shop"])

    assert [answer.status_code for answer in refused] == [403, 403]
    assert (
        "needs the permission 'deploy' for Shop in the protected environment there"
        in refused[0].json["error"]
    )
    assert other.status_code == 204
    assert lead.delete("/pacticipants/Shop").status_code == 204


def test_the_audit_log_says_who_may_deploy_before_and_after(world):
    ann = world.asking_as("ann")
    place = environment(ann, "live", protected=True, deployers=["shop"])
    environment(ann, "live", protected=False, deployers=[])
    ann.delete(f"/environments/{place['uuid']}")

    entries = ann.get("/audit?sort=-timestamp&size=3").json["_embedded"]["entries"]
    assert {(entry["subject"]["kind"], entry["subject"]["name"]) for entry in entries} == {
        ("environment", "live")
    }
    said = [
        [
            entry.get(when) and (entry[when]["protected"], entry[when]["deployers"])
            for when in ("before", "after")
        ]
        for entry in reversed(entries)
    ]
    strict, lax = (True, ["shop"]), (False, [])
    assert said == [[None, strict], [strict, lax], [lax, None]]
