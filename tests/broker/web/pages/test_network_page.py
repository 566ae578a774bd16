"""The page of who needs whom: which part is shown, as a graph, a table, a list and files."""

from xml.etree import ElementTree as ET

import pytest
from support.factories import a_message, a_message_pact, a_pact, a_publication, an_interaction
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
HOSTILE = "<script>/'\" a%2Fb"


@pytest.fixture
def shop(publish, verify, broker):
    """Web needs Shop, Shop needs Orders and Mail, and Orders needs Tax: what Orders does is broken."""
    publish(a_pact(consumer="Web", provider="Shop"))
    verify(publish(a_pact(consumer="Shop", provider="Orders")), branch="main", success=False)
    verify(publish(a_message_pact(a_message(), consumer="Shop", provider="Mail"), version="2"), branch="main")
    publish(a_pact(an_interaction(), an_interaction("another"), consumer="Orders", provider="Tax"))
    broker.put("/pacticipants/Orders/labels/team:fulfilment", json={})
    broker.put("/pacticipants/Tax/labels/team:money", json={})


def rows_of(page):
    return [row[:3] for row in page.rows[1:]]


@ON_BOTH_DATABASES
@pytest.mark.usefixtures("shop")
def test_each_integration_is_listed_with_what_would_break_with_it(visit):
    page = visit("/network")

    assert page.rows == [
        ("Consumer", "Provider", "Verdict", "Kind", "Interactions", "Direct consumers", "Risk"),
        ("Shop", "Orders", "failed", "HTTP", "1", "1", "2"),
        ("Orders", "Tax", "never verified", "HTTP", "2", "1", "3"),
        ("Web", "Shop", "never verified", "HTTP", "1", "1", "1"),
        ("Shop", "Mail", "verified", "messages", "1", "1", "2"),
    ]
    assert "1 of 4 integrations fails on main · 5 services; consumers are left" in page.text
    assert (
        "1 of 2 integrations around Orders fails on main, of 4 in all;"
        in visit("/network?around=Orders").text
    )
    assert page.is_balanced


@ON_BOTH_DATABASES
@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("state=failed", {("Shop", "Orders")}),
        ("team=money", {("Orders", "Tax")}),
        ("team=team:fulfilment", {("Shop", "Orders"), ("Orders", "Tax")}),
        ("around=Orders", {("Shop", "Orders"), ("Orders", "Tax")}),
        ("around=Web&depth=2", {("Web", "Shop"), ("Shop", "Orders"), ("Shop", "Mail")}),
        ("around=Web&depth=all&rest=hidden&show=table", {
            ("Web", "Shop"), ("Shop", "Orders"), ("Shop", "Mail"), ("Orders", "Tax"),
        }),
    ],
)  # fmt: skip
def test_a_part_of_it_is_shown(visit, query, pairs):
    page = visit(f"/network?{query}")

    assert {row[:2] for row in page.rows[1:]} == pairs


@ON_BOTH_DATABASES
@pytest.mark.usefixtures("shop")
def test_verdicts_are_those_of_main_or_of_an_environment(visit, broker):
    uuid = broker.post("/environments", json={"name": "prod", "production": True}).json["uuid"]
    for name, version in (("Shop", "1"), ("Orders", "1")):
        place = f"/pacticipants/{name}/versions/{version}/deployed-versions/environment/{uuid}"
        assert broker.post(place, json={}).status_code == 201

    assert rows_of(visit("/network?env=prod")) == [
        ("Shop", "Orders", "failed"),
        ("Orders", "Tax", "never verified"),
    ]


@pytest.mark.usefixtures("shop")
def test_the_rest_is_faded_or_left_out(broker):
    faded = broker.get("/network?around=Orders", headers=A_BROWSER).text
    cut = broker.get("/network?around=Orders&rest=hidden", headers=A_BROWSER).text

    assert 'opacity="0.16"' in faded
    assert ">Web<" in faded
    assert 'opacity="0.16"' not in cut
    assert ">Web<" not in cut


@pytest.mark.usefixtures("shop")
def test_it_says_what_a_service_needs_and_what_breaks_with_it(visit):
    text = visit("/network?around=Orders").text

    assert (
        "Orders needs 1 service, and 1 service needs it. If it breaks, 2 services may break with it." in text
    )


def test_the_table_is_shown_where_a_graph_would_not_be_readable(broker):
    needed = [a_pact(consumer="Web", provider=f"Service {number:02}") for number in range(61)]
    broker.post("/contracts/publish", json=a_publication(*needed[:5]))
    few = broker.get("/network", headers=A_BROWSER).text
    broker.post("/contracts/publish", json=a_publication(*needed, version="2"))
    many = broker.get("/network", headers=A_BROWSER).text
    asked = broker.get("/network?show=graph", headers=A_BROWSER).text
    around = broker.get("/network?around=Service+01&rest=hidden", headers=A_BROWSER).text

    assert 'class="network-graph"' in few
    assert 'class="network-table"' in many
    assert 'class="network-graph"' in asked
    assert 'class="network-graph"' in around


@pytest.mark.usefixtures("shop")
def test_the_drawing_is_a_file_with_absolute_links(broker):
    for accept in (A_BROWSER, {"Accept": "*/*"}):
        answer = broker.get("/network.svg?around=Orders", headers=accept)

        assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
        assert answer.text.startswith("<svg")
        assert 'href="http://localhost/pacticipants/Orders"' in answer.text
    assert 'class="network-table"' in broker.get("/network.svg?show=table", headers=A_BROWSER).text


@pytest.mark.parametrize("show", ["graph", "table"])
def test_a_name_that_xml_cannot_write_leaves_the_drawing_whole(broker, publish, show):
    publish(a_pact(consumer="a\ufffeb", provider="Orders"))

    answer = broker.get(f"/network.svg?show={show}")

    assert "a\N{REPLACEMENT CHARACTER}b" in "".join(ET.fromstring(answer.text).itertext())  # noqa: S314 - our own


@pytest.mark.usefixtures("shop")
def test_the_graph_is_a_file_for_graphviz(broker, publish):
    publish(a_pact(consumer='A "quoted" \\N', provider="Orders"))

    answer = broker.get("/network.dot")

    assert answer.mimetype == "text/vnd.graphviz"
    assert '  "Shop" -> "Orders" [color="#c2261f", style=bold, tooltip="failed"];\n' in answer.text
    assert '"A \\"quoted\\" \\\\N" -> "Orders"' in answer.text


@pytest.mark.usefixtures("shop")
def test_the_list_is_there_as_json_and_csv(broker):
    found = broker.get("/network?format=json&state=failed").json["integrations"]
    table = broker.get("/network?format=csv&sort=-risk").text.splitlines()

    assert found == [
        {
            "consumer": "Shop",
            "provider": "Orders",
            "verdict": "failed",
            "kind": "HTTP",
            "interactions": 1,
            "directConsumers": 1,
            "dependents": 2,
        }
    ]
    assert table[0] == "consumer,provider,verdict,kind,interactions,directConsumers,dependents"
    assert table[1] == "Orders,Tax,never verified,HTTP,2,1,3"


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("env=produktion", 404, "Environment 'produktion' does not exist"),
        (
            "team=fulfillment",
            404,
            "No application has the label 'team:fulfillment' (did you mean 'fulfilment'?)",
        ),
        ("around=Order", 404, "There is no application 'Order' (did you mean 'Orders'?)"),
        ("state=broken", 400, "must be one of: failed, pending, never, changed, verified"),
        ("show=hairball", 400, "must be one of: graph, table"),
        ("depth=9", 400, "must be one of: 1, 2, all"),
        ("sort=size", 400, "must be one of consumer"),
        (f"around={'x' * 300}", 400, "cannot be longer than 255 characters"),
    ],
)
def test_what_is_not_known_is_said(broker, query, status, message):
    answer = broker.get(f"/network?{query}", headers=A_BROWSER)

    assert answer.status_code == status
    assert message.replace("'", "&#39;") in answer.text


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/relationships", "/network"),
        ("/groups/Shop", "/network?around=Shop&depth=all&rest=hidden"),
    ],
)
def test_older_addresses_lead_people_to_the_page_and_clients_to_the_file(broker, path, leads_to):
    page = broker.get(path, headers=A_BROWSER)
    file = broker.get(path)

    assert (page.status_code, page.headers["Location"]) == (303, leads_to)
    assert (file.status_code, file.mimetype) == (200, "text/csv")


def test_an_empty_broker_says_where_to_begin(visit):
    page = visit("/network")

    assert "No integrations yet" in page.text
    assert page.links["overview"] == "/"


def test_a_filter_that_finds_nothing_offers_to_drop_it(visit, publish):
    publish(a_pact())

    page = visit("/network?state=failed")

    assert "Nothing of this kind" in page.text
    assert page.links["Any verdict"] == "?"


def test_difficult_names_are_texts_and_links(broker, publish, visit):
    publish(a_pact(consumer=HOSTILE, provider="在庫管理 🚚"))

    text = broker.get("/network", headers=A_BROWSER).text
    around = next(href for name, href in visit("/network").links.items() if HOSTILE in name)

    assert "<script>/" not in text
    assert visit(around).status == 200


def test_spaces_around_a_name_are_part_of_it(publish, verify, broker):
    verify(publish(a_pact(consumer=" a b ", provider="Orders"), branch=" main "), branch="main")
    broker.put("/pacticipants/%20a%20b%20/labels/team:%20x%20", json={})

    for path in (
        "/network?around=+a+b+&team=+x+",
        "/?consumer=+a+b+",
        "/?team=+x+",
        "/pacticipants?label=team:+x+",
        "/pacticipants/%20a%20b%20/versions?branch=+main+",
        "/badges?consumer=+a+b+&provider=Orders",
    ):
        answer = broker.get(path, headers=A_BROWSER)
        assert (answer.status_code, '="/pacticipants/%20a%20b%20' in answer.text) == (200, True), path


@ON_BOTH_DATABASES
@pytest.mark.usefixtures("shop")
def test_it_takes_five_statements_whatever_is_asked_for(broker):
    for query in ("", "?around=Orders&depth=2&team=money&state=failed", "?show=table", "?format=csv"):
        with sql_statements() as seen:
            assert broker.get(f"/network{query}", headers=A_BROWSER).status_code == 200

        assert len(seen) <= 5


@pytest.mark.usefixtures("shop")
def test_an_unchanged_network_is_not_sent_again(broker, publish):
    first = broker.get("/network", headers=A_BROWSER)
    again = {**A_BROWSER, "If-None-Match": first.headers["ETag"]}

    assert broker.get("/network", headers=again).status_code == 304
    publish(a_pact(consumer="New"))
    assert broker.get("/network", headers=again).status_code == 200
