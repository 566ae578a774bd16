"""Badges: what they say, and that they always say something."""

from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from support.factories import a_pact, a_publication, a_verification_result, an_interaction

from broker.app import create_app
from broker.settings.settings import Settings

PAIR = "/pacts/provider/Orders/consumer/Shop"
SVG = "{http://www.w3.org/2000/svg}"


def publish(broker, version="1", *, consumer="Shop", provider="Orders", description="x", **changes):
    pact = a_pact(an_interaction(description), consumer=consumer, provider=provider)
    answer = broker.post("/contracts/publish", json=a_publication(pact, version=version, **changes))
    assert answer.status_code == 200, answer.json


def verify(broker, version="7", *, success=True, pending=False):
    broker.put(f"/pacticipants/Orders/branches/main/versions/{version}", json={})
    query = {"includePendingStatus": True, "providerVersionBranch": "main"} if pending else {}
    asked = broker.post("/pacts/provider/Orders/for-verification", json=query)
    pact = broker.get(asked.json["_embedded"]["pacts"][-1]["_links"]["self"]["href"]).json
    url = pact["_links"]["pb:publish-verification-results"]["href"]
    answer = broker.post(url, json=a_verification_result(version, success=success))
    assert answer.status_code == 201, answer.json


def texts(answer):
    assert answer.status_code == 200
    assert answer.content_type == "image/svg+xml;charset=utf-8"
    document = ET.fromstring(answer.text)  # noqa: S314 - we have just drawn it
    return tuple(element.text for element in document.iter(f"{SVG}text"))


def colour(answer):
    document = ET.fromstring(answer.text)  # noqa: S314 - we have just drawn it
    return list(document.iter(f"{SVG}rect"))[-1].get("fill")


def deploy(broker, pacticipant, version):
    (environment,) = broker.get("/environments?name=production").json["_embedded"]["environments"]
    of_version = f"/pacticipants/{pacticipant}/versions/{version}"
    answer = broker.post(f"{of_version}/deployed-versions/environment/{environment['uuid']}", json={})
    assert answer.status_code == 201


def redirecting(database):
    settings = Settings(badge_provider_mode="redirect", shields_io_base_url="https://shields.example.org/")
    return create_app(settings, database).test_client()


def test_the_badge_of_a_pact_follows_its_results(broker):
    badge = f"{PAIR}/latest/badge"
    seen = [texts(broker.get(badge))]
    publish(broker)
    seen.append(texts(broker.get(badge)))
    verify(broker)
    seen.append(texts(broker.get(badge)))
    verify(broker, success=False)
    seen.append(texts(broker.get(badge)))
    publish(broker, "2", description="y")
    seen.append(texts(broker.get(badge)))
    verify(broker)
    publish(broker, "3", description="z")
    seen.append(texts(broker.get(badge)))
    verify(broker, success=False, pending=True)
    seen.append(texts(broker.get(badge)))
    publish(broker, "4", description="a")
    seen.append(texts(broker.get(badge)))

    assert seen == [
        ("pact not found", "unknown"),
        ("shop/orders pact", "unknown"),
        ("shop/orders pact", "verified"),
        ("shop/orders pact", "failed"),
        ("shop/orders pact", "failed"),  # a new pact does not make a failure good
        ("shop/orders pact", "changed"),
        ("shop/orders pact", "failed (pending)"),
        ("shop/orders pact", "failed (pending)"),
    ]


def test_each_outcome_has_its_colour(broker):
    publish(broker)
    unknown = colour(broker.get(f"{PAIR}/latest/badge"))
    verify(broker)
    verified = colour(broker.get(f"{PAIR}/latest/badge"))
    verify(broker, success=False)
    failed = colour(broker.get(f"{PAIR}/latest/badge"))

    assert len({unknown, verified, failed}) == 3


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "web shop/big-orders pact"),
        ("?label=consumer", "web shop pact"),
        ("?label=provider", "big-orders pact"),
        ("?initials=true", "ws/bo pact"),
        ("?label=consumer&initials=true", "ws pact"),
    ],
)
def test_a_badge_can_name_less(broker, query, title):
    publish(broker, consumer="Web Shop", provider="Big-Orders")

    answer = broker.get(f"/pacts/provider/Big-Orders/consumer/Web%20Shop/latest/badge{query}")

    assert texts(answer) == (title, "unknown")


def test_badges_of_tagged_and_untagged_pacts_are_about_them(broker):
    publish(broker, "1", tags=["prod"])
    verify(broker)
    publish(broker, "2", description="y")

    assert texts(broker.get(f"{PAIR}/latest/badge"))[1] == "changed"
    assert texts(broker.get(f"{PAIR}/latest/prod/badge"))[1] == "verified"
    assert texts(broker.get(f"{PAIR}/latest-untagged/badge"))[1] == "unknown"
    assert texts(broker.get(f"{PAIR}/latest/none/badge")) == ("pact not found", "unknown")


def test_the_matrix_badge_is_about_the_latest_tagged_versions(broker):
    publish(broker, "1", tags=["prod"])
    badge = "/matrix/provider/Orders/latest/live/consumer/Shop/latest/prod/badge"
    verify(broker, "7")
    seen = [texts(broker.get(badge))]
    broker.put("/pacticipants/Orders/versions/7/tags/live", json={})
    seen.append(texts(broker.get(badge)))
    verify(broker, "7", success=False)
    seen.append(texts(broker.get(badge)))

    title = "shop (prod)/orders (live) pact"
    assert seen == [(title, "unknown"), (title, "verified"), (title, "failed")]
    unknown = "/matrix/provider/Nobody/latest/live/consumer/Shop/latest/prod/badge"
    assert texts(broker.get(unknown)) == ("pact not found", "unknown")


def test_the_badge_of_a_deployment_next_to_a_tag(broker):
    publish(broker, "1", tags=["dev"])
    badge = "/pacticipants/Shop/latest-version/dev/can-i-deploy/to/prod/badge"
    before = broker.get(badge)
    verify(broker, "7")
    broker.put("/pacticipants/Orders/versions/7/tags/prod", json={})
    after = broker.get(badge + "?label=Shop")

    assert texts(before) == ("can-i-deploy", "dev to prod")
    assert texts(after) == ("Shop", "dev to prod")
    assert colour(before) != colour(after)
    assert texts(broker.get(badge.replace("Shop", "Nobody"))) == ("pacticipant", "not found")
    assert texts(broker.get(badge.replace("dev", "none"))) == ("version", "not found")


def test_the_badge_of_a_deployment_to_an_environment(broker):
    publish(broker, "1", branch="feat/x")
    badge = "/pacticipants/Shop/branches/feat%2Fx/latest-version/can-i-deploy/to-environment/production/badge"
    before = broker.get(badge)
    verify(broker, "7")
    deploy(broker, "Orders", "7")
    after = broker.get(badge)

    assert texts(before) == texts(after) == ("can-i-deploy", "feat/x to production")
    assert colour(before) != colour(after)
    assert texts(broker.get(badge.replace("Shop", "Nobody"))) == ("pacticipant", "not found")
    assert texts(broker.get(badge.replace("feat", "none"))) == ("branch", "not found")
    assert texts(broker.get(badge.replace("production", "none"))) == ("environment", "not found")


def test_the_badge_of_a_merge_is_kept_for_a_moment_when_it_is_green(broker):
    badge = "/pacticipants/Shop/main-branch/can-i-merge/badge"
    missing = texts(broker.get(badge))
    broker.put("/pacticipants/Shop/versions/0", json={})
    headless = texts(broker.get(badge))
    publish(broker, "1")
    unknown = broker.get(badge)
    verify(broker, "7", success=False)
    failed = broker.get(badge)
    verify(broker, "8")
    merged = broker.get(badge)

    assert missing == ("pacticipant", "not found")
    assert headless == ("main branch version", "not found")
    assert texts(unknown) == ("can-i-merge", "unknown")
    assert texts(failed) == ("can-i-merge", "failed")
    assert texts(merged) == ("can-i-merge", "success")
    assert merged.headers["Cache-Control"] == "max-age=30"
    assert failed.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("accept", ["*/*", "image/svg+xml", "text/html,image/webp", None])
def test_a_badge_is_an_image_with_and_without_its_extension(broker, accept):
    headers = {"Accept": accept} if accept else {}

    for path in (f"{PAIR}/latest/badge", f"{PAIR}/latest/badge.svg", f"{PAIR}/latest/v1.svg/badge.svg"):
        assert texts(broker.get(path, headers=headers)) == ("pact not found", "unknown")


def test_names_cannot_bring_markup_into_the_image(broker):
    consumer = "<script>alert('x')</script>&\""
    publish(broker, consumer=consumer)

    answer = broker.get(f"/pacts/provider/Orders/consumer/{quote(consumer, safe='')}/latest/badge")

    assert texts(answer)[0] == f"{consumer}/orders pact"


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_characters_that_xml_cannot_write_leave_the_image_whole(broker, character):
    consumer = f"a{character}b"
    publish(broker, consumer=consumer)

    answer = broker.get(f"/pacts/provider/Orders/consumer/{quote(consumer, safe='')}/latest/badge")

    assert texts(answer)[0] == "a\N{REPLACEMENT CHARACTER}b/orders pact"


def test_a_longer_text_makes_a_wider_badge(broker):
    def width(label):
        answer = broker.get(f"/pacticipants/Shop/main-branch/can-i-merge/badge?x={label}")
        return int(ET.fromstring(answer.text).get("width"))  # noqa: S314 - we have just drawn it

    short = width("")
    broker.put("/pacticipants/Shop/versions/0", json={})

    assert width("") > short


def test_badges_can_be_left_to_another_host_with_its_escapes(database):
    broker = redirecting(database)
    publish(broker, consumer="a_b-c")

    answer = broker.get("/pacts/provider/Orders/consumer/a_b-c/latest/badge")

    assert answer.status_code == 307
    assert answer.headers["Location"] == (
        "https://shields.example.org/badge/a__b--c%2Forders%20pact-unknown-lightgrey.svg"
    )


def test_badges_can_be_public(database):
    protected = Settings(basic_auth_username="ci", basic_auth_password="secret")
    public = Settings(
        basic_auth_username="ci",
        basic_auth_password="secret",
        enable_public_badge_access=True,
    )

    statuses = [
        create_app(settings, database).test_client().get(path).status_code
        for settings in (protected, public)
        for path in (f"{PAIR}/latest/badge.svg", "/pacticipants")
    ]

    assert statuses == [401, 401, 200, 401]


def test_a_pacticipant_links_to_its_badges(broker):
    publish(broker, "1", tags=["dev"])

    links = broker.get("/pacticipants/Shop").json["_links"]

    by_tag = links["pb:can-i-deploy-badge"]["href"].format(tag="dev", environmentTag="prod")
    assert texts(broker.get(by_tag)) == ("can-i-deploy", "dev to prod")
    by_branch = links["pb:can-i-deploy-branch-to-environment-badge"]["href"]
    by_branch = by_branch.format(branch="main", environment="production")
    assert texts(broker.get(by_branch)) == ("can-i-deploy", "main to production")


def test_even_an_unexpected_error_is_shown_on_the_badge(database, caplog):
    broker = create_app(Settings(), database).test_client()
    with database.connection() as connection:
        connection.exec_driver_sql("ALTER TABLE standings RENAME TO elsewhere")
        connection.commit()
    broker.post("/pacticipants", json={"name": "Shop"})
    broker.post("/pacticipants", json={"name": "Orders"})

    left, right = texts(broker.get(f"{PAIR}/latest/badge"))

    assert left == "error"
    assert right.removeprefix("reference ") in caplog.text
