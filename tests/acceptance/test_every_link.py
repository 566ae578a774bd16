"""Difficult names in a whole broker: every link of every document and page is followed."""

from xml.etree import ElementTree as ET

import pytest
from support import databases
from support.difficult_names import LONG, NAMES, PLAIN, WORDS, names_around
from support.reading_pages import Page
from support.surveyed_broker import BASE, OF_ACCOUNTS, SurveyedBroker, explanations

from broker.storage.database import Database
from broker.web.paths import PAGES
from broker.web.routes import PATHS, rule, template_of

# Where nothing links to, as in the Pact Broker: each is asked as well.
NOT_LINKED = {
    "health-live": "for what watches processes",
    "health-ready": "ditto",
    "heartbeat": "for what watches processes",
    "dependencies": "ditto",
    "openapi": "for tools, which know where to look",
    "branch-versions": "the address of a branch and a word",
    "tag-versions": "ditto",
    "environment-versions": "ditto",
    "latest-branch-pact": "the address of the pacts of a branch, without its last word",
    "latest-pact-verification-result": "the address of a pact and some words",
    "latest-tagged-pact-verification-result": "ditto",
    "can-i-deploy-tag-to-tag": "the address of the badge, without its last word",
    "can-i-deploy-branch-to-environment": "ditto",
    "pact-versions-alias": "old",
    "pact-alias": "old",
    "latest-pact-alias": "old",
    "pact-webhooks-alias": "old",
    "diff-with-version": "for people",
    "dashboard": "for tools",
    "live": "for the script of pages",
    "relationships": "ditto",
    "group": "ditto",
    "latest-pact-badge": "for pages elsewhere",
    "latest-tagged-pact-badge": "ditto",
    "latest-untagged-pact-badge": "ditto",
    "matrix-badge": "ditto",
    "can-i-merge-badge": "ditto",
}
BADGES = [name for name in PATHS if name.endswith("badge")]
FILES = [
    *(PATHS[name] + ".svg" for name in BADGES),
    *(PATHS[name] + ".csv" for name in ("relationships", "group")),
]
STARTS = [*(PATHS[name] for name in NOT_LINKED if name not in {"compatibility", "live"}), *FILES]

# Pages of brokers with accounts: tests/broker/web/pages/accounts, and support/site_map.py.
PAGES_OF_ACCOUNTS = ("/accounts", "/audit", "/log-in/", "/log-out", "/my/", "/teams", "/tokens", "/trusts")
# Addresses that are for writing.
WRITES = {
    "tally:publish-scenario-results",
    "pf:publish-provider-contract",
    "pf:publish-provider-contracts",
    "pb:publish-contracts",
    "pb:publish-verification-results",
    "pb:execute",
    "pb:delete_integration",
    "tally:dry-run",
    "tally:publish-service-contract",
    "tally:publish-verification-part",
    "tally:publish-verification-results",
}
# Addresses of what may not be there: a tag to add, the forerunner of the first pact, a result yet to come,
# who uses what of a service without a contract.
MAY_BE_MISSING = {
    "pb:tag",
    "pb:tag-version",
    "pb:tag-prod-version",
    "pb:previous-distinct",
    "tally:unused-places",
    "tally:usage",
    "pb:latest-verification-results",
}
# Addresses that stand for something which has one of its own.
OTHER_ADDRESSES = {
    "latest-pact",
    "latest-pact-alias",
    "latest-tagged-pact",
    "latest-untagged-pact",
    "latest-branch-pact",
    "pact-version",
    "pact-version-with-metadata",
    "pact-versions-alias",
    "pact-alias",
    "previous-distinct-pact",
    "pact-webhooks-alias",
    "latest-verification-result",
    "latest-version-verification-result",
    "latest-pact-verification-result",
    "latest-tagged-pact-verification-result",
    "verification-result-with-metadata",
    "latest-service-contract-result",
}

# The pages that describe the API hold no names: in the worlds of difficult ones, one of each kind is read.
DESCRIPTIONS = "/api-docs/"

# PostgreSQL keeps names and does no more with them: there, each is in one place only.
WORLDS = [
    *(("sqlite", names_around(name)) for name in NAMES),
    *(("sqlite", names) for names in WORDS),
    *(("postgresql", names_around(name)) for name in NAMES[::8]),
    ("sqlite", LONG),
    ("postgresql", LONG),
]
in_every_world = pytest.mark.parametrize(
    ("database_url", "names"),
    WORLDS,
    indirect=["database_url"],
    ids=[f"{database}-{names.consumer[:20]!a}" for database, names in WORLDS],
)


@pytest.fixture(scope="module")
def plain():
    """A broker with plain names."""
    with databases.new_sqlite() as url:
        database = Database(url)
        yield SurveyedBroker(database, PLAIN)
        database.close()


@pytest.fixture(scope="module")
def visits(plain):
    """Everything that can be reached in it."""
    return plain.documents(STARTS)


@pytest.fixture(scope="module")
def plain_pages(plain):
    """The pages of it, by route, with their status."""
    return {(visit.rule, visit.answer.status_code) for visit in plain.pages(page_paths(plain))}


def outcomes(visits):
    """Return what relations lead to: the route, its status and type, and whether it is the address itself."""
    return {
        (relation, visit.rule, visit.answer.status_code, visit.answer.mimetype, visit.is_itself)
        for visit in visits
        for relation in visit.relations or {""}
    }


def test_every_link_leads_to_what_it_promises(visits):
    wrong = []

    for visit in visits:
        status = visit.answer.status_code
        expected = 405 if visit.relations and visit.relations <= WRITES else 200
        if status == 400 and visit.relations == {"tally:usage"}:
            continue  # it is asked about no place
        if status != expected and not (status == 404 and visit.relations <= MAY_BE_MISSING):
            wrong.append((status, visit.address))

    assert wrong == []


def test_every_document_says_its_own_address(visits):
    elsewhere = {visit.rule for visit in visits if not visit.is_itself}

    assert elsewhere == {rule(name) for name in OTHER_ADDRESSES}


def test_every_route_that_reads_is_reached_by_links_or_listed_here_with_the_reason(plain, visits):
    rules = [found for found in plain.app.url_map.iter_rules() if "GET" in found.methods]
    routes = {found.rule for found in rules}
    of_pages = {found.rule for found in rules if found.endpoint.startswith(("pages.", "forms."))}
    others = {
        "/static/<segment:name>",
        "/favicon.ico",
        *map(rule, ("relation", "hal-browser")),
        rule("live"),  # only a server has it: tests/broker/server/test_watchers.py
    }  # asked below
    fails_on_purpose = {rule("error-test")}
    of_accounts = {found.rule for found in rules if found.endpoint.partition(".")[0] in OF_ACCOUNTS}

    reached = {visit.rule for visit in visits}
    linked = {visit.rule for visit in visits if visit.relations - {"self"}}

    assert routes - of_pages - others - fails_on_purpose - of_accounts == reached - {""}
    assert {name for name in NOT_LINKED if rule(name) in linked} == set()


def test_every_page_and_all_that_it_links_to_answers(plain, plain_pages):
    rules = [found for found in plain.app.url_map.iter_rules() if "GET" in found.methods]
    routes = {found.rule for found in rules if found.rule.startswith(PAGES)} - {PAGES + rule("live")}
    routes = {found for found in routes if not found.removeprefix(PAGES).startswith(PAGES_OF_ACCOUNTS)}

    assert {found for found, _ in plain_pages} >= {*routes, rule("hal-browser")}
    assert [page for page in plain_pages if page[1] not in {200, 303}] == []


def test_every_relation_is_explained(plain, visits):
    index = next(visit for visit in visits if visit.rule == rule("index"))
    curies = index.links[0].curies  # where clients look that read a document without any
    links = [link for visit in visits for link in visit.links if ":" in link.relation]
    addresses = {page for link in links for page in explanations(link.relation, link.curies or curies)}

    pages = {address: plain.visit(address).answer for address in addresses}

    assert len(addresses) >= len({link.relation for link in links})
    assert {page.status_code for page in pages.values()} == {200}
    assert [address for address in addresses if "Nothing is documented" in pages[address].text] == []


def test_what_can_be_got_answers_head_and_options_too(plain, visits):
    different = []

    for visit in visits:
        head = plain.visit(visit.address, method="HEAD").answer
        options = plain.visit(visit.address, method="OPTIONS").answer
        allowed = options.headers.get("Access-Control-Allow-Methods", "").split(", ")
        if (head.status_code, head.data) != (visit.answer.status_code, b""):
            different.append(("HEAD", visit.address, head.status_code))
        if options.status_code != 200 or ("GET" in allowed) == (visit.answer.status_code == 405):
            different.append(("OPTIONS", visit.address, allowed))

    assert different == []


@in_every_world
def test_documents_and_pages_with_difficult_names_lead_where_those_with_plain_names_do(
    database, names, visits, plain_pages
):
    broker = SurveyedBroker(database, names)

    found = broker.documents(STARTS)

    assert outcomes(found) == outcomes(visits)
    for visit in found:
        if visit.answer.mimetype == "image/svg+xml":
            ET.fromstring(visit.answer.text)  # noqa: S314 - our own drawing

    found = broker.pages(page_paths(broker), beside=DESCRIPTIONS)

    # A main branch may have no space in it, and without a main branch nothing leads to its badges.
    missing = {(f"{rule('can-i-deploy-branch-badge')}.svg", 200)} if " " in names.branch else set()
    assert {(visit.rule, visit.answer.status_code) for visit in found} | missing == plain_pages
    pages = [visit.answer for visit in found if visit.answer.mimetype == "text/html"]
    assert [page.request.path for page in pages if not Page(page).is_balanced] == []
    assert [page.request.path for page in pages if "<script>alert" in page.text] == []


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/pacticipants/label/versions", "pacticipants-with-label"),
        ("/pacts/provider/Orders/branch/latest", "latest-provider-pacts-with-main-branch"),
        ("/pacts/provider/Orders/consumer/Shop/branch/versions", "main-branch-pact-versions"),
        ("/pacts/provider/Orders/consumer/Shop/branch/latest/versions", "latest-main-branch-pact-versions"),
        ("/pacts/provider/Orders/consumer/Shop/latest/badge", "latest-pact-badge"),
    ],
)
def test_words_of_the_api_win_over_names(plain, path, route):
    assert plain.visit(BASE + path).rule == rule(route)


def page_paths(broker):
    """Return the paths of all pages; of a compatibility, which has two hashes, the one there is."""
    rules = [found for found in broker.app.url_map.iter_rules() if "GET" in found.methods]
    found_paths = (
        template_of(found.rule).removeprefix(PAGES) for found in rules if found.rule.startswith(PAGES)
    )
    paths = [path for path in found_paths if not path.startswith(PAGES_OF_ACCOUNTS)]
    listed = [path for path in paths if path not in {PATHS["live"], template_of(rule("compatibility"))}]
    return [*listed, broker.world.compatibility.removeprefix(BASE)]
