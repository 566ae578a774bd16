"""What goes when something is deleted, row by row (Pact Broker reference §4), and that nothing else does."""

from dataclasses import dataclass

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select
from support.accounts import accounts
from support.consistency import what_is_wrong
from support.full_world import World
from support.rows import COUNTED, FOLLOWING, OF_ACCOUNTS, OF_OUR_WORK, Rows, meant, meant_to_change

from broker.app import create_app
from broker.settings.settings import Settings
from broker.storage.tables import environment_deployers, metadata, pacticipants, team_pacticipants

pytestmark = pytest.mark.no_cover

RESOURCES_OF_ACCOUNTS = {"accounts", "teams", "tokens", "trusts"}
PAIR = "/pacts/provider/Orders/consumer/Shop"
CONTENT_1 = f"{PAIR}/pact-version/{{sha}}"


@dataclass(frozen=True)
class Deletion:
    """What DELETE of *path* does: patterns of the names of rows, each of which must match something.

    *changed* ends with the column; *again* is the status of the same request once more.
    """

    path: str
    status: int
    gone: tuple[str, ...]
    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    again: int = 404


def pacts_removed(number):
    return (f"removals {number} pact of Shop", f"removals {number} pact of Orders")


PACT_OF_2 = ("pact_publications Shop 2 Orders *",)
PACT_OF_3 = ("pact_publications Shop 3 Orders *",)
PACTS_OF_ALL = ("pact_publications Shop ? Orders *",)
# A result that replaced another one makes that one count again.
RESULT_OF_1 = Deletion(
    "",
    204,
    (
        "verifications Shop Orders 'content 1' by Orders 1 passed",
        "branch_successes Shop Orders 'content 1' on Orders *",
    ),
    ("verifications Shop Orders 'content 1' by Orders 1 failed: superseded",),
    ("removals 1 result of Shop", "removals 1 result of Orders"),
    again=204,
)
RESULT_OF_3 = Deletion(
    "",
    204,
    (
        "verifications Shop Orders 'content 3' by Orders 2 passed",
        "branch_successes Shop Orders 'content 3' on Orders *",
    ),
    ("verifications Shop Orders 'content 3' by Orders 2 failed: superseded",),
    ("removals 1 result of Shop", "removals 1 result of Orders"),
    again=204,
)


def at(path, example, **changes):
    """Return the same deletion at another address."""
    values = {name: getattr(example, name) for name in ("status", "gone", "changed", "new", "again")}
    return Deletion(path, **{**values, **changes})


A_PACT = Deletion(f"{PAIR}/version/3", 200, PACT_OF_3, new=pacts_removed(1))
DELETIONS = {
    # Contents and results stay when a pact goes: it may be published again.
    "a pact": A_PACT,
    "a pact, by an old address": at(f"{PAIR}/versions/3", A_PACT),
    "a pact, by a very old address": at("/pact/provider/Orders/consumer/Shop/version/3", A_PACT),
    "all pacts of a pair": Deletion(f"{PAIR}/versions", 204, PACTS_OF_ALL, new=pacts_removed(3), again=204),
    "the pacts of a tag": Deletion(f"{PAIR}/tag/2", 200, PACT_OF_2, new=pacts_removed(1), again=200),
    "the pacts of a branch": Deletion(f"{PAIR}/branch/side", 200, PACT_OF_2, new=pacts_removed(1), again=200),
    "the latest pact of a branch": Deletion(
        f"{PAIR}/branch/main/latest/versions", 200, PACT_OF_3, new=pacts_removed(1), again=200
    ),
    "the pacts of the main branch": Deletion(
        f"{PAIR}/branch/versions", 200, PACTS_OF_ALL, new=pacts_removed(3), again=200
    ),
    "the latest pact of the main branch": Deletion(
        f"{PAIR}/branch/latest/versions", 200, PACT_OF_3, new=pacts_removed(1), again=200
    ),
    "a version of a consumer": Deletion(
        "/pacticipants/Shop/versions/3",
        204,
        (
            "versions Shop 3",
            "tags Shop 3 *",
            "branch_versions Shop main, Shop 3",
            "pact_publications Shop 3 *",
            "released_versions Shop 3 *",
            "support_gaps Shop 3 *",
            "triggered_webhooks to *: contract_content_changed of Shop *, Shop 3*",
            "triggered_webhooks to *: provider_verification_failed of Shop *, Shop * 'content 3' by *",
        ),
        ("branches Shop main: head_version_id",),
        ("removals 1 version of Shop", "branch_promotions Shop main, Shop 2"),
    ),
    "a version that is deployed": Deletion(
        "/pacticipants/Shop/versions/1",
        204,
        (
            "versions Shop 1",
            "tags Shop 1 *",
            "former_tags Shop 1 *",
            "branch_versions Shop *, Shop 1",
            "branch_promotions Shop fix, Shop 1",
            "pact_publications Shop 1 *",
            "deployed_versions Shop 1 *",
            "triggered_webhooks to *: contract_content_changed of Shop *, Shop 1*",
            "triggered_webhooks to *: provider_verification_failed of Shop Orders, * 'content 1' by *",
            "webhook_executions to *: * of Shop Orders, *",
        ),
        ("branches Shop fix: head_version_id",),
        ("removals 1 version of Shop", "branch_promotions Shop fix, -"),
    ),
    "a version of a provider": Deletion(
        "/pacticipants/Orders/versions/1",
        204,
        (
            "versions Orders 1",
            "tags Orders 1 *",
            "former_tags Orders 1 *",
            "branch_versions Orders *, Orders 1",
            "branch_promotions Orders fix, Orders 1",
            *(f"{table} * by Orders 1 *" for table in ("verifications", "failed_results")),
            "verification_parts * by Orders 1",
            "branch_successes * 'content [12]' on Orders *",
            "deployed_versions Orders 1 *",
            "service_contract_publications Orders 1",
            "service_contract_verifications * by Orders 1",
            "scenario_result_versions Orders 1 in *",
            "triggered_webhooks to *: provider_verification_failed of * by Orders 1 *",
            "webhook_executions to *: provider_verification_failed of * by Orders 1 *",
        ),
        ("branches Orders fix: head_version_id",),
        ("removals 1 version of Orders", "branch_promotions Orders fix, -"),
    ),
    "a tag": Deletion(
        "/pacticipants/Shop/versions/3/tags/dev", 204, ("tags Shop 3 dev",), new=("former_tags Shop 3 dev",)
    ),
    "a branch": Deletion(
        "/pacticipants/Shop/branches/main",
        204,
        ("branches Shop main", "branch_versions Shop main, *"),
        new=("removals 1 branch of Shop",),
    ),
    "all branches but the main one and some": Deletion(
        "/pacticipants/Shop/branches?exclude[]=side",
        202,
        (
            "branches Shop fix",
            "branch_versions Shop fix, *",
            "former_branch_versions Shop fix, *",
            "branch_promotions Shop fix, *",
        ),
        new=("removals 1 branch of Shop",),
        again=202,
    ),
    "the head off its branch": Deletion(
        "/pacticipants/Shop/branches/main/versions/3",
        204,
        ("branch_versions Shop main, Shop 3",),
        ("branches Shop main: head_version_id",),
        ("former_branch_versions Shop main, Shop 3", "branch_promotions Shop main, Shop 2"),
    ),
    "a label": Deletion("/pacticipants/Shop/labels/team", 204, ("labels Shop team",)),
    "a consumer": Deletion(
        "/pacticipants/Shop",
        204,
        (
            "pacticipants Shop",
            *(f"{table} Shop *" for table in ("labels", "versions", "branches", "branch_versions", "tags")),
            *(f"former_{name} Shop *" for name in ("tags", "branch_versions", "main_branches")),
            *(f"{table} Shop *" for table in ("branch_promotions", "support_gaps", "integrations")),
            *(f"{table} Shop *" for table in ("pact_publications", "pact_versions", "branch_successes")),
            "pact_usages Shop *",
            *(f"{table} Shop *" for table in ("verifications", "failed_results", "verification_parts")),
            *(f"{table} Shop *" for table in ("deployed_versions", "released_versions", "comparisons")),
            "scenario_result_versions Shop 2 in *",
            "triggered_webhooks to *: * of Shop *",
            "webhook_executions to *: * of Shop *",
            "webhooks Shop *",
            "webhook_events Shop *",
        ),
        new=("removals 1 pacticipant of Shop",),
    ),
    "a provider": Deletion(
        "/pacticipants/Orders",
        204,
        (
            "quality_gates p95 of Orders",
            "pacticipants Orders",
            *(f"{table} Orders *" for table in ("labels", "versions", "branches", "branch_versions", "tags")),
            *(f"former_{name} Orders *" for name in ("tags", "branch_versions", "main_branches")),
            *(f"{table} Orders *" for table in ("branch_promotions", "support_gaps")),
            *(f"{table} * Orders" for table in ("integrations",)),
            *(f"{table} * Orders '*" for table in ("pact_versions", "branch_successes", "verifications")),
            *(f"{table} * Orders '*" for table in ("pact_usages", "failed_results")),
            "pact_publications * Orders revision *",
            "verification_parts * Orders '*",
            *(f"{table} Orders *" for table in ("deployed_versions", "released_versions")),
            *(
                f"service_contract{table} Orders *"
                for table in (
                    "s",
                    "_sets",
                    "_set_documents",
                    "_publications",
                    "_verifications",
                    "_operations",
                )
            ),
            "comparisons * Orders '*",
            "former_service_contracts Orders 2",
            "scenario_result_versions Orders 1 in *",
            "service_contract_dependencies Stock Orders",
            "service_contract_needs Stock Orders *",
            "comparisons_to_make * Orders '*",
            "compatibilities Orders *",
            "service_contract_policies Orders",
            "service_contract_document_policies Orders openapi",
            "former_service_contract_policies Orders",
            "triggered_webhooks to *: * of * Orders, *",
            "webhook_executions to *: * of * Orders, *",
            "webhooks * Orders",
            "webhooks Orders *",
            "webhook_events * Orders *",
            "webhook_events Orders *",
        ),
        new=("removals 1 pacticipant of Orders",),
    ),
    "a policy for service contracts": Deletion(
        "/pacticipants/Orders/service-contract-policy",
        204,
        ("service_contract_policies Orders", "service_contract_document_policies Orders openapi"),
        new=("former_service_contract_policies Orders #2",),
    ),
    # Who has contracts with others stays, with its versions.
    "an integration": Deletion(
        "/integrations/provider/Orders/consumer/Shop",
        204,
        (
            "integrations Shop Orders",
            "pact_publications Shop * Orders *",
            *(f"{table} Shop Orders '*" for table in ("pact_versions", "branch_successes", "verifications")),
            *(f"{table} Shop Orders '*" for table in ("verification_parts", "comparisons", "pact_usages")),
            "failed_results Shop Orders '*",
            "triggered_webhooks to *: * of Shop Orders, *",
            "webhook_executions to *: * of Shop Orders, *",
            "webhooks Shop and Orders",
            "webhook_events Shop and Orders *",
        ),
        new=("removals 1 integration of Shop", "removals 1 integration of Orders"),
    ),
    "an integration of two who have no other": Deletion(
        "/integrations/provider/Ledger/consumer/Till",
        204,
        (
            "integrations Till Ledger",
            *(f"pacticipants {name}" for name in ("Till", "Ledger")),
            *(
                f"{table} {name} *"
                for table in ("versions", "branches", "tags")
                for name in ("Till", "Ledger")
            ),
            *(f"branch_versions {name} main, *" for name in ("Till", "Ledger")),
            "former_main_branches Ledger *",
            "pact_publications Till 1 Ledger *",
            *(f"{table} Till Ledger '*" for table in ("pact_versions", "branch_successes", "verifications")),
            *(f"{table} Till Ledger '*" for table in ("pact_usages", "failed_results")),
            "triggered_webhooks to anybody: * of Till Ledger, *",
        ),
        new=("removals 1 integration of Till", "removals 1 integration of Ledger"),
    ),
    "an integration that a document declares": Deletion(
        "/integrations/provider/Orders/consumer/Stock",
        204,
        (
            "integrations Stock Orders",
            "service_contract_dependencies Stock Orders",
            "service_contract_needs Stock Orders *",
        ),
        new=("removals 1 integration of Stock", "removals 1 integration of Orders"),
    ),
    "all integrations": Deletion(
        "/integrations",
        204,
        (
            *(
                f"{table} *"
                for table in metadata.tables
                if table
                not in {"environments", "secrets", "removals", "webhooks", "webhook_events", "quality_gates"}
                | {"scenario_results"}  # which nobody took part in any more: they go with the next clean-up
                | OF_OUR_WORK
                | OF_ACCOUNTS
                | COUNTED
                | FOLLOWING
            ),
            "webhooks *Orders*",
            "webhooks Shop alone",
            "webhook_events *Orders*",
            "webhook_events Shop alone *",
            "quality_gates p95 of Orders",
        ),
        new=("removals 7 pacticipant of everybody",),
        again=204,
    ),
    "an environment": Deletion(
        "/environments/{live}",
        204,
        (
            "environments live",
            "deployed_versions * in live *",
            "released_versions * in live",
            "support_gaps * in live",
        ),
        new=("removals 1 environment of live",),
    ),
    "a webhook": Deletion(
        "/webhooks/{Shop and Orders}",
        204,
        ("webhooks Shop and Orders", "webhook_events Shop and Orders *"),
        ("triggered_webhooks to Shop and Orders: *: webhook_id",),
    ),
    "a gate of all services": Deletion("/gates/{success_rate}", 204, ("quality_gates success_rate of -",)),
    "a gate of one service": Deletion("/gates/{p95}", 204, ("quality_gates p95 of Orders",)),
    "a secret": Deletion("/secrets/token", 204, ("secrets token",)),
    "a result": at("{Shop 1 by Orders}", RESULT_OF_1, again=404),
    "a result, by an address with metadata": at(
        f"{CONTENT_1}/metadata/w/verification-results/{{number}}", RESULT_OF_1, again=404
    ),
    "the latest result of a content": at(f"{CONTENT_1}/verification-results/latest", RESULT_OF_1),
    "the latest result of a version": at(f"{PAIR}/version/3/verification-results/latest", RESULT_OF_3),
    "the latest result of the latest pact": at(f"{PAIR}/latest/verification-results/latest", RESULT_OF_3),
    "the latest result of a tag": at(f"{PAIR}/latest/dev/verification-results/latest", RESULT_OF_3),
}


@pytest.fixture
def app(database):
    settings = Settings(
        allow_dangerous_contract_modification=True,
        allow_deleting_all_integrations=True,
        secrets_key=(Fernet.generate_key().decode(),),
    )
    return create_app(settings, database)


@pytest.fixture
def broker(app):
    return app.test_client()


@pytest.fixture
def world(broker, database):
    return World(broker, database)


@pytest.mark.usefixtures("world")
def test_the_world_has_something_in_every_table(database):
    assert Rows(database).tables == metadata.tables.keys() - OF_OUR_WORK - OF_ACCOUNTS - COUNTED - FOLLOWING
    assert what_is_wrong(database) == {}


@pytest.mark.parametrize("deleted", DELETIONS)
def test_what_is_deleted_goes_and_nothing_else(broker, database, world, deleted):
    deletion = DELETIONS[deleted]
    path = deletion.path.format_map(world.ids)
    before = Rows(database)

    answer = broker.delete(path)

    assert answer.status_code == deletion.status, answer.text
    difference = before.compared_with(Rows(database))
    names = set(before.names.values())
    assert difference.gone == meant(deletion.gone, names)
    assert difference.changed == meant_to_change(deletion.changed, names)
    assert difference.new == set(deletion.new)
    assert what_is_wrong(database) == {}
    assert broker.delete(path).status_code == deletion.again


def test_every_address_that_can_be_deleted_is_one_of_these(app):
    addresses = app.url_map.bind("localhost")
    paths = [deletion.path.partition("?")[0] for deletion in DELETIONS.values()]
    a_result = f"{CONTENT_1}/verification-results/1"
    tried = {
        addresses.match(path.replace("{Shop 1 by Orders}", a_result), "DELETE", return_rule=True)[0].rule
        for path in paths
    }

    there = [rule for rule in app.url_map.iter_rules() if "DELETE" in rule.methods]
    of_accounts = {rule.rule for rule in there if rule.endpoint.partition(".")[0] in RESOURCES_OF_ACCOUNTS}
    assert tried == {rule.rule for rule in there} - of_accounts


def test_what_a_team_has_of_an_application_or_an_environment_goes_with_it(broker, database):
    accounts(database).team("shop", "Shop", "Bank")
    place = broker.post(
        "/environments", json={"name": "live", "production": True, "deployers": ["shop"]}
    ).json["uuid"]

    broker.delete("/pacticipants/Shop")
    broker.delete(f"/environments/{place}")

    with database.connection() as connection:
        left = connection.execute(select(pacticipants.c.name).join(team_pacticipants)).scalars().all()
        assert left == ["Bank"]
        assert connection.execute(select(environment_deployers)).all() == []
