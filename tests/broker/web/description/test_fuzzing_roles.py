"""Whoever asks with whatever role, the answer is as the description says, and never an error of the broker.

Each role sends a request to a fifth of the operations, in `make endure` to all of them. What they do once
they are let in, the test of the open broker tries harder.
"""

import pytest
from support.accounts import accounts, bearer
from support.fuzzing import BREAKS_ON_PURPOSE, NAMES_METHODS, a_little_of_everything, send
from support.searching import TIMES

from broker.app import create_app
from broker.settings.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]
EXAMPLES = 1
LEFT_OUT = {BREAKS_ON_PURPOSE, "/tokens/exchange", "/integrations"}
"""The second is for pipelines that have no token yet; of the third, a setting decides who may delete all."""
ROLES = {
    "reader": None,
    "publisher": "payments",
    "deployer": "payments",
    "team-administrator": "payments",
    "administrator": None,
}


@pytest.fixture
def app(database):
    settings = Settings(webhook_host_whitelist=("webhooks.invalid",))
    client = create_app(settings, database).test_client()
    known = a_little_of_everything(client)
    made = accounts(database)
    made.person("root", "administrator")
    made.team("payments", "Shop")
    app = create_app(settings, database)
    app.extensions["known"], app.extensions["world"] = known, made
    return app


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_the_described_answers(app, role):
    import schemathesis  # noqa: PLC0415 - it takes half a second, which only these tests should wait
    from schemathesis import GenerationMode  # noqa: PLC0415 - as above

    headers = bearer(app.extensions["world"].token(role, team=ROLES[role]))
    described = schemathesis.openapi.from_wsgi("/openapi.json", app, headers=headers)
    described.config.generation.update(with_security_parameters=False)
    seen = set()

    for number, found in enumerate(described.get_all_operations()):
        operation = found.ok()
        is_turn = TIMES > 1 or number % len(ROLES) == list(ROLES).index(role)
        if not is_turn or operation.path in LEFT_OUT or operation.method == NAMES_METHODS:
            continue
        seen |= send(
            operation,
            GenerationMode.POSITIVE,
            app.extensions["known"],
            examples=EXAMPLES,
            headers=headers,
            only_known=True,
        )

    assert 401 not in seen
    assert seen & {200, 201, 204}
    assert (403 in seen) == (role != "administrator")
