"""The pages that say which versions go together, as a grid and as a table."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from support.decisions_over_http import Api
from support.reading_pages import A_BROWSER
from support.sql_statements import sql_statements

from broker.storage.decisions.axes import MOST

ON_BOTH_DATABASES = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
PAIR = "/matrix/provider/Orders/consumer/Shop"
ANY = "q[][pacticipant]=Shop&q[][pacticipant]=Orders&latestby=cvpv"


@pytest.fixture
def api(broker):
    return Api(broker)


def shop_and_orders(api):
    for number in ("1", "2"):
        api.pact("Shop", number, "with", "Orders")
    api.verified("Orders", "11", "Shop", "1")
    api.failed("Orders", "12", "Shop", "1")
    api.verified("Orders", "12", "Shop", "2")
    api.deployed("Shop", "1", "production")
    api.deployed("Orders", "12", "production")


@ON_BOTH_DATABASES
def test_a_pair_is_a_grid_with_the_newest_at_the_top_left_and_what_is_deployed_above(broker, api, visit):
    shop_and_orders(api)

    page = visit(PAIR)
    source = broker.get(PAIR, headers=A_BROWSER).text

    assert page.rows[:4] == [
        ("Orders →Shop ↓", "12P", "11"),
        ("1P", "✕", "✓"),
        ("2", "✓", ""),
        ("1P", "✕", "✓"),
    ]
    assert "production 1 → 12" in page.text
    assert 'aria-label="1 with 12: failed"' in source
    assert 'class="none" aria-label="no result"' in source
    assert page.rows[5][:3] == ("1 production", "12 production", "failed")  # what failed comes first
    assert page.links["failed"] == "/pacts/provider/Orders/consumer/Shop/version/1?result=2"
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_a_pair_of_many_versions_is_read_in_parts_by_four_statements(api, visit):
    for number in range(MOST + 2):
        api.pact("Shop", f"s{number}", "with", "Orders", *(("like", "Shop", "s0") if number else ()))
        api.verified("Orders", f"o{number}", "Shop", f"s{number}")
    api.deployed("Orders", "o0", "production")

    with sql_statements() as sent:
        newest = visit(PAIR)
    older = visit(newest.links["Older versions of Orders"].replace("?", f"{PAIR}?"))

    assert len(sent) == 4
    assert newest.rows[0][1] == f"o{MOST + 1}"
    assert newest.rows[0][-1] == "o0P"  # what is deployed is always shown
    assert older.rows[0][1:] == ("o1", "o0P")
    assert "Newest" in older.links
    assert "Older versions of Shop" in newest.links


def test_the_other_direction_is_another_page(api, visit):
    shop_and_orders(api)
    api.pact("Orders", "12", "with", "Shop")

    page = visit(PAIR)

    assert page.links["Orders → Shop"] == "/matrix/provider/Shop/consumer/Orders"
    assert page.rows[1] == ("1P", "✕", "✓")


def test_a_pair_without_pacts_says_so_and_unknown_names_lead_on(api, visit):
    api.pact("Orders", "1", "with", "Shop")

    assert "Shop has published no pact with Orders. There are pacts the other way round" in visit(PAIR).text
    unknown = visit("/matrix/provider/Order/consumer/Shop")
    assert (unknown.status, "(did you mean 'Orders'?)" in unknown.text) == (404, True)


@ON_BOTH_DATABASES
def test_the_matrix_shows_the_rows_of_the_api_as_grids_and_table(broker, api, visit):
    shop_and_orders(api)
    api.pact("Shop", "2", "with", "Stock")
    api.verified("Stock", "5", "Shop", "2")

    page = visit(f"/matrix?{ANY}")
    alone = visit("/matrix?q[][pacticipant]=Shop&q[][version]=2")

    assert "No 1 of 3 contracts between these versions does not hold: 1 failed and 0" not in page.text
    assert "No 1 of 3 contracts between these versions does not hold: 1 failed." in page.text
    assert ("1P", "✕", "✓") in page.rows
    assert len(broker.get(f"/matrix?{ANY}").json["matrix"]) == 3
    assert "Shop 2" in " ".join(alone.rows[-1])
    assert page.is_balanced
    assert alone.is_balanced


def test_what_is_filled_in_becomes_a_query_of_the_api(broker, api):
    shop_and_orders(api)
    fields = [
        *(("pacticipant", "Shop"), ("by", "head"), ("value", "main")),
        *(("pacticipant", "Orders"), ("by", "version"), ("value", "12")),
        *(("pacticipant", ""), ("by", "any"), ("value", "")),
        *(("target", "environment"), ("targetValue", "test"), ("latestby", "cvp"), ("limit", "7")),
        *(("result", "true"), ("result", ""), ("ignored", "Stock"), ("moment", "2026-01-02T03:04")),
    ]

    answer = broker.get("/matrix", query_string=fields, headers=A_BROWSER)

    assert answer.status_code == 303
    assert parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True) == [
        ("q[][pacticipant]", "Shop"),
        ("q[][branch]", "main"),
        ("q[][latest]", "true"),
        ("q[][pacticipant]", "Orders"),
        ("q[][version]", "12"),
        ("environment", "test"),
        ("latestby", "cvp"),
        ("limit", "7"),
        ("success[]", "true"),
        ("success[]", ""),
        ("ignore[]", "Stock"),
        ("at", "2026-01-02T03:04:00Z"),
    ]


@pytest.mark.parametrize(
    ("selector", "shown"),
    [
        ("q[][version]=1", ("version", "1")),
        ("q[][branch]=x", ("branch", "x")),
        ("q[][branch]=x&q[][latest]=true", ("head", "x")),
        ("q[][mainBranch]=true&q[][latest]=true", ("main-head", "")),
        ("q[][tag]=x&q[][latest]=true", ("latest-tag", "x")),
        ("q[][environment]=test", ("environment", "test")),
        ("q[][latest]=true", ("latest", "")),
    ],
)
def test_the_form_shows_what_was_asked(broker, api, selector, shown):
    api.version("Shop", "1")

    page = broker.get(f"/matrix?q[][pacticipant]=Shop&{selector}", headers=A_BROWSER).text

    by, value = shown
    assert f'<option value="{by}" selected>' in page
    assert f'name="value" value="{value}"' in page


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("q[][pacticipant]=Shopp", "Pacticipant 'Shopp' does not exist (did you mean 'Shop'?)"),
        ("q[][pacticipant]=Shop&q[][version]=1&q[][tag]=x", "they cannot be combined"),
        ("q[][pacticipant]=Shop&limit=0", "limit must be a whole number"),
        ("q[][pacticipant]=Shop&latestby=x", "latestby must be one of: cvpv, cvp, cp"),
        ("latestby=cvp", "Name at least one pacticipant"),
    ],
)
def test_what_is_wrong_is_told_above_the_form(api, visit, query, message):
    api.version("Shop", "1")

    page = visit(f"/matrix?{query}")

    assert (page.status, message in page.text) == (400, True)
    assert page.is_balanced


@pytest.mark.parametrize("url", [PAIR, f"/matrix?{ANY}", f"{PAIR}?latestby=cvpv"])
def test_the_rows_are_there_for_machines(broker, api, url):
    shop_and_orders(api)
    joined = "&" if "?" in url else "?"

    as_csv = broker.get(f"{url}{joined}format=csv", headers=A_BROWSER).text.splitlines()
    as_json = broker.get(f"{url}{joined}format=json", headers=A_BROWSER).json["contracts"]

    assert sorted(line.split(",")[5 - 1] for line in as_csv[1:]) == ["failed", "verified", "verified"]
    assert sorted(row["verdict"] for row in as_json) == ["failed", "verified", "verified"]


def test_the_matrix_takes_five_statements_at_most(api, visit):
    shop_and_orders(api)
    urls = [
        f"/matrix?{ANY}",
        "/matrix?q[][pacticipant]=Shop&q[][version]=1&q[][pacticipant]=Orders&q[][version]=12",
        "/matrix?q[][pacticipant]=Shop&q[][branch]=main&q[][pacticipant]=Orders&q[][branch]=main",
        "/matrix?q[][pacticipant]=Shop&q[][version]=1&environment=production&latestby=cvpv",
    ]

    for url in urls:
        with sql_statements() as sent:
            visit(url)
        assert len(sent) <= 5, url


def test_hostile_names_are_shown_as_they_are(api, visit):
    name = 'Orders <script>alert(1)</script> "quoted" 注文 🦄'
    api.pact("Shop", "1", "with", name)
    api.verified(name, "1'\"", "Shop", "1")

    page = visit("/matrix?q[][pacticipant]=Shop&q[][version]=1")

    assert name in page.text
    assert page.is_balanced


@ON_BOTH_DATABASES
def test_without_a_question_the_matrix_leads_to_the_pairs_the_worst_first(api, visit):
    for provider in ("Orders", "Stock"):
        api.pact("Shop", "1", "with", provider)
    api.verified("Orders", "1", "Shop", "1")
    api.failed("Stock", "1", "Shop", "1")

    page = visit("/matrix")

    assert [name for name in page.links if "→" in name] == ["Shop → Stock", "Shop → Orders"]
    assert page.links["Shop → Orders"] == PAIR
