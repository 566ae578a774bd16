"""What the answers say where service contracts count: kinds, evidence, reasons and next steps."""

import pytest
from sqlalchemy import event
from support.contract_documents import an_openapi
from support.contracts_in_storage import Document, StoredContracts
from support.decisions_over_http import Api
from support.factories import NOON, a_pact, a_publication, a_verification_result, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

QUESTION = "/can-i-deploy?pacticipant=Shop&version=1&environment=production"
OF_ORDERS = "/can-i-deploy?pacticipant=Orders&version=2&environment=production"
DOCUMENT = Document(("read",))
FINDING = {
    "code": "response-body",
    "question": "possible",
    "severity": "error",
    "pact": "/interactions/0",
    "document": "/paths",
    "text": "The provider never answers with $.total",
}
FINDINGS = [{"index": 0, "description": "an order", "verdict": "error", "findings": [FINDING]}]


@pytest.fixture
def api(broker):
    """Shop 1 has a pact with Orders, whose version 2 is in production without having verified it."""
    api = Api(broker)
    api.pact("Shop", "1", "with", "Orders")
    api.version("Orders", "2")
    api.deployed("Orders", "2", "production")
    api.deployed("Shop", "1", "production")
    return api


@pytest.fixture
def stored(api, database):
    assert api
    return StoredContracts(database, lambda: NOON)


@pytest.fixture
def compared(stored):
    """Orders 2 has a document that the pact of Shop 1 fits, and that nobody has verified."""
    stored.documents("Orders", "2", {"openapi": DOCUMENT})
    stored.compared(("Shop", "Orders"), "2", "compatible")
    return stored


def test_a_comparison_decides_when_the_document_was_verified(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=True)

    answer = broker.get(QUESTION).json

    assert answer["summary"]["deployable"] is True
    (row,) = answer["matrix"]
    assert row["verificationResult"]["success"] is True
    assert row["tally:kind"] == "compared"
    evidence = row["tally:evidence"]
    assert (evidence["policy"], evidence["comparison"]["verdict"]) == ("compared", "compatible")
    assert [(found["name"], found["verified"]) for found in evidence["documents"]] == [("openapi", True)]
    assert broker.get(evidence["comparison"]["_links"]["self"]["href"]).json["verdict"] == "compatible"


def test_a_document_that_nobody_has_verified_is_only_a_promise(broker, compared):
    assert compared

    answer = broker.get(QUESTION).json

    assert (answer["summary"]["deployable"], answer["summary"]["unknown"]) == (None, 1)
    assert answer["summary"]["reason"] == (
        "There is no verified pact between version 1 of Shop and the version of Orders currently in "
        "production (2): it is only promised, as no run has verified the document openapi of Orders 2"
    )
    assert answer["notices"][-1]["text"] == (
        "Next: Orders 2 has to be verified against its service contract (openapi)"
    )
    (obstacle,) = answer["tally:explanation"]
    assert obstacle["command"] == (
        "tally verify --service-contract-from-broker 2 --provider Orders --provider-url URL "
        "-b http://localhost --provider-version 2 --publish"
    )
    (undecided,) = obstacle["tally:evidence"]["undecided"]
    assert (undecided["version"], undecided["reason"]) == ("2", "promised")


def test_a_comparison_that_a_question_misses_is_asked_for(broker, database, stored):
    stored.documents("Orders", "2", {"openapi": DOCUMENT})

    told = broker.get(QUESTION).json["summary"]
    with sql_statements() as again:
        broker.get(QUESTION)

    assert [statement for statement in again if statement.startswith("INSERT")] == []
    assert told["deployable"] is None
    assert "it has not been compared with the service contract of Orders 2 yet" in told["reason"]
    with database.transaction() as storage:
        (pending,) = storage.pending_comparisons.claim(60, most=10)
    assert (pending.consumer, pending.provider) == ("Shop", "Orders")


def test_a_policy_lets_a_promise_pass_and_the_answer_says_so(broker, compared):
    compared.policy("Orders", "promise")

    answer = broker.get(QUESTION).json

    assert answer["summary"]["deployable"] is True
    (warning,) = (notice["text"] for notice in answer["notices"] if notice["type"] == "warning")
    assert warning == (
        "The pact between version 1 of Shop and the version of Orders currently in production (2) is only "
        "promised: no run has verified the document openapi, and the provider's policy does not ask for that"
    )


def test_a_database_that_takes_no_changes_is_answered_from(broker, database, stored):
    """The answer misses a comparison, which nobody can ask for."""
    if database.url.startswith("postgresql"):
        pytest.skip("a server refuses by the same error")
    stored.documents("Orders", "2", {"openapi": DOCUMENT})
    before = broker.get(QUESTION).json
    engine = database._engine  # noqa: SLF001 - nothing else reaches all its connections
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA query_only = ON"))

    answer = broker.get(QUESTION)

    assert (answer.status_code, answer.json) == (200, before)


def test_a_policy_asks_for_a_replay(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=True)
    compared.policy("Orders", "replay")

    answer = broker.get(QUESTION).json

    assert answer["summary"]["deployable"] is None
    assert answer["summary"]["reason"].endswith(
        "the policy of Orders asks for a replay, though the pact fits its service contract"
    )


def test_a_comparison_that_failed_fails_even_what_was_replayed(broker, api, stored):
    api.verified("Orders", "2", "Shop", "1")
    stored.documents("Orders", "2", {"openapi": DOCUMENT})
    stored.compared(("Shop", "Orders"), "2", "incompatible", findings=FINDINGS)

    answer = broker.get(QUESTION).json

    assert (answer["summary"]["deployable"], answer["summary"]["failed"]) == (False, 1)
    assert "does not fit the service contract of Orders" in answer["summary"]["reason"]
    (row,) = answer["matrix"]
    assert (row["tally:kind"], row["verificationResult"]["success"]) == ("compared", False)
    (obstacle,) = answer["tally:explanation"]
    assert obstacle["problem"] == "failed"
    assert obstacle["interactions"] == [
        {"description": "an order", "problems": ["The provider never answers with $.total"]}
    ]
    assert obstacle["command"] is None


def test_a_version_that_does_not_keep_its_own_document_cannot_be_deployed(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=False)

    of_orders, of_shop = broker.get(OF_ORDERS).json, broker.get(QUESTION).json

    assert of_orders["summary"]["deployable"] is False
    assert [row["tally:kind"] for row in of_orders["matrix"]] == ["service-contract", "compared"]
    assert (
        "The verification of the service contract of version 2 of Orders (openapi) failed"
        in (of_orders["summary"]["reason"])
    )
    result = of_orders["matrix"][0]["verificationResult"]["_links"]["self"]["href"]
    assert broker.get(result).json["success"] is False
    assert of_shop["summary"]["deployable"] is False
    assert "that the provider does not keep (openapi)" in of_shop["summary"]["reason"]


def test_hiding_failures_hides_no_document_that_failed(broker, stored):
    stored.documents("Orders", "3", {"openapi": DOCUMENT})
    stored.checked("Orders", "3", DOCUMENT, success=False)

    answer = broker.get("/matrix?q[][pacticipant]=Orders&q[][version]=3&success[]=true&latestby=cvpv").json

    assert answer["summary"]["deployable"] is None


@pytest.mark.parametrize("offered", [Document(("read",)), None])
def test_hiding_a_dependency_that_is_not_met_is_no_matter_of_a_pact(broker, api, stored, offered):
    stored.documents("Orders", "3", {"openapi": Document((), {"Stock": (("write",), True)})})
    api.version("Stock", "1")
    if offered:
        stored.documents("Stock", "1", {"openapi": offered})
    api.deployed("Stock", "1", "production")
    question = (
        "/matrix?q[][pacticipant]=Orders&q[][version]=3&environment=production&ignore[][pacticipant]=Shop"
    )

    answer = broker.get(f"{question}&success[]=true&latestby=cvpv").json

    assert (answer["summary"]["deployable"], answer["matrix"]) == (None, [])
    assert answer["summary"]["reason"] == (
        "Nothing here shows that version 3 of Orders gets what its service contract needs of the version of "
        "Stock currently in production (1)"
    )


def test_what_was_published_before_the_upgrade_decides_nothing_until_a_policy_is_set(broker, stored):
    before = broker.get(QUESTION).json
    stored.documents("Orders", "2", {"openapi": DOCUMENT}, decides=False)
    stored.checked("Orders", "2", DOCUMENT, success=True)
    stored.compared(("Shop", "Orders"), "2", "compatible")

    assert broker.get(QUESTION).json == before

    stored.policy("Orders", "compared")
    assert broker.get(QUESTION).json["summary"]["deployable"] is True


def test_a_provider_that_lacks_what_a_consumer_there_needs_cannot_be_deployed(broker, stored):
    needing = Document((), {"Stock": (("read", "write"), True)})
    stored.documents("Orders", "2", {"openapi": needing})
    stored.documents("Stock", "1", {"openapi": Document(("read",))})

    answer = broker.get("/can-i-deploy?pacticipant=Stock&version=1&environment=production").json

    assert answer["summary"]["deployable"] is False
    (row,) = answer["matrix"]
    assert row["tally:kind"] == "dependency"
    assert row["tally:evidence"] == {"problems": ["has no write in its service contract"]}
    assert answer["summary"]["reason"] == (
        "What the version of Orders currently in production (2) needs is missing: version 1 of Stock has no "
        "write in its service contract"
    )


@pytest.mark.parametrize("versions", [">=2", "^0.4 || >=2"])
def test_a_consumer_whose_needs_are_not_there_cannot_be_deployed(broker, api, stored, versions):
    needing = Document((), {"Stock": (("read",), True)}, versions=versions)
    stored.documents("Orders", "3", {"openapi": needing})
    question = "/can-i-deploy?pacticipant=Orders&version=3&environment=production&ignore[]=Shop"

    def asked():
        return broker.get(question).json["summary"]["deployable"]

    assert asked() is None
    for number, expected in (("1", False), ("2", True)):
        stored.documents("Stock", number, {"openapi": Document(("read",))})
        api.deployed("Stock", number, "production")
        assert asked() is expected


def test_what_is_not_required_only_warns(broker, api, stored):
    stored.documents("Orders", "3", {"openapi": Document((), {"Stock": (("read",), False)})})
    stored.documents("Stock", "1", {"openapi": Document(())})
    api.deployed("Stock", "1", "production")

    answer = broker.get(
        "/can-i-deploy?pacticipant=Orders&version=3&environment=production&ignore[]=Shop"
    ).json

    assert answer["summary"]["deployable"] is True
    assert answer["notices"][0]["type"] == "warning"
    assert answer["notices"][0]["text"] == (
        "What version 3 of Orders can do without is missing: Stock 1 has no read in its service contract"
    )


def test_a_plan_knows_comparisons_and_dependencies(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=True)
    compared.documents("Orders", "3", {"openapi": Document(("read", "more"))})
    plan = "/deploy-plan?q[][pacticipant]=Shop&q[][version]=1&q[][pacticipant]=Orders&q[][version]={}"

    possible = broker.get(f"{plan.format(2)}&environment=production").json
    impossible = broker.get(f"{plan.format(3)}&environment=production").json

    assert possible["summary"]["possible"] is True
    assert impossible["blocked"][0]["pacticipant"] == "Orders"


def test_a_plan_misses_a_result_beside_a_dependency_that_is_there(broker, compared):
    """What one document needs is there; that nobody has verified the pact forbids the deployment."""
    compared.documents("Shop", "1", {"needs": Document(needs={"Orders": (("read",), True)})})
    move = "q[][pacticipant]=Shop&q[][version]=1&environment=production"

    plan = broker.get(f"/deploy-plan?{move}").json

    assert broker.get(QUESTION).json["summary"]["deployable"] is None
    assert plan["summary"] == {"possible": False}
    (clash,) = plan["blocked"][0]["because"]
    assert (clash["result"], clash.get("tally:kind")) == ("missing", None)


def test_a_plan_says_what_does_not_fit_when_it_is_no_pact(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=False)
    compared.documents("Shop", "1", {"needs": Document(needs={"Orders": (("more",), True)})})
    move = "q[][pacticipant]=Orders&q[][version]=2&environment=production"

    plan = broker.get(f"/deploy-plan?{move}").json

    because = [
        (clash["consumer"]["name"], clash["result"], clash.get("tally:kind"))
        for clash in plan["blocked"][0]["because"]
    ]
    assert because == [
        ("Orders", "failed", "service-contract"),
        ("Shop", "failed", None),
        ("Shop", "failed", "dependency"),
    ]


@pytest.mark.parametrize(
    "question", ["q[][pacticipant]=Orders", "q[][pacticipant]=Orders&latestby=cvp", "q[][pacticipant]=Shop"]
)
def test_any_version_of_a_provider_alone_is_its_newest_one_with_documents(broker, compared, question):
    compared.checked("Orders", "2", DOCUMENT, success=True)
    fits = broker.get(f"/matrix?{question}").json
    compared.documents("Orders", "3", {"openapi": Document(("other",))})
    compared.compared(("Shop", "Orders"), "3", "incompatible")
    breaks = broker.get(f"/matrix?{question}").json

    assert [row["tally:kind"] for row in fits["matrix"]] == ["compared"]
    assert (fits["summary"]["deployable"], breaks["summary"]["deployable"]) == (True, False)
    assert "version 3 of Orders" in breaks["summary"]["reason"]


def test_as_text_the_kind_is_told(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=True)

    text = broker.get(QUESTION, headers={"Accept": "text/plain"}).text

    assert text.splitlines()[1].split() == ["Shop", "1", "1", "Orders", "2", "true", "compared"]


def test_a_comparison_that_is_not_there_is_not_found(broker, compared):
    compared.checked("Orders", "2", DOCUMENT, success=True)
    (row,) = broker.get(QUESTION).json["matrix"]
    url = row["tally:evidence"]["comparison"]["_links"]["self"]["href"]

    assert broker.get(f"{url}00").status_code == 404


STATUSES = {
    "nobody has verified the document": ([], None, ("never", "unknown")),
    "the comparison decides": ([True], None, ("success", "verified")),
    "the version does not keep its document": ([False], None, ("failed", "failed")),
    "a replay passed": ([False], True, ("success", "verified")),
    "a replay failed": ([True], False, ("failed", "failed")),
}


@pytest.mark.parametrize(("checks", "replay", "expected"), STATUSES.values(), ids=STATUSES)
def test_dashboard_and_badge_and_front_page_agree_with_the_decision(
    broker, api, compared, checks, replay, expected
):
    for success in checks:
        compared.checked("Orders", "2", DOCUMENT, success=success)
    if replay is not None:
        (api.verified if replay else api.failed)("Orders", "2", "Shop", "1")

    (shown,) = broker.get("/dashboard").json["items"]
    badge = broker.get("/pacts/provider/Orders/consumer/Shop/latest/badge.svg").text
    page = broker.get("/", headers=A_BROWSER).text
    deployable = broker.get(QUESTION).json["summary"]["deployable"]

    assert (shown["verificationStatus"], expected[1] in badge) == (expected[0], True)
    assert {"success": True, "failed": False, "never": None}[expected[0]] is deployable
    told = {"success": "verified", "failed": "failed", "never": "never verified"}
    assert told[expected[0]] in page


def test_a_declared_dependency_is_an_integration(broker, stored):
    stored.documents("Orders", "2", {"openapi": Document((), {"Stock": (("read",), True)})})

    listed = broker.get("/integrations").json["_embedded"]["integrations"]
    network = broker.get("/groups/Stock", headers={"Accept": "text/csv"}).text

    pairs = {(found["consumer"]["name"], found["provider"]["name"]) for found in listed}
    assert pairs == {("Shop", "Orders"), ("Orders", "Stock")}
    assert "Orders" in network


def publish_document(broker, name, number, document):
    body = {"pacticipantName": name, "pacticipantVersionNumber": number, "content": document}
    published = broker.post("/service-contracts/publish", json=body)
    assert published.status_code in {200, 201}, published.text
    return published.json["_links"]


def test_real_documents_decide_from_publication_to_deployment(broker):
    fits = a_pact(an_interaction("a fit", response={"status": 200}))
    broker.post("/contracts/publish", json=a_publication(fits, version="1"))
    links = publish_document(broker, "Orders", "2", an_openapi())
    Api(broker).deployed("Orders", "2", "production")

    promised = broker.get(QUESTION).json["summary"]
    results = links["tally:publish-verification-results"]
    url = (results[0] if isinstance(results, list) else results)["href"]
    broker.post(url, json=a_verification_result("2", success=True))
    verified = broker.get(QUESTION).json["summary"]

    assert (promised["deployable"], verified["deployable"]) == (None, True)
    assert "only promised" in promised["reason"]


def test_what_real_documents_declare_is_looked_up(broker):
    needs = [{"service": "Orders", "operations": ["GET /orders/{number}"], "versions": ">=2"}]
    publish_document(broker, "Web", "1", an_openapi({}, **{"x-contract-dependencies": needs}))
    Api(broker).deployed("Web", "1", "production")
    publish_document(broker, "Orders", "2", an_openapi())
    publish_document(
        broker, "Orders", "3", an_openapi({"/bills/{id}": an_openapi()["paths"]["/orders/{id}"]})
    )

    answers = {
        number: broker.get(OF_ORDERS.replace("version=2", f"version={number}")).json["summary"]
        for number in ("2", "3")
    }

    assert {number: answer["deployable"] for number, answer in answers.items()} == {"2": True, "3": False}
    assert "has no GET /orders/{number} in its service contract" in answers["3"]["reason"]
