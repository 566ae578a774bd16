"""Whatever a client sends, the broker answers as its description says, and never breaks."""

import pytest
from support.fuzzing import BREAKS_ON_PURPOSE, NAMES_METHODS, Everything, can_be_broken, send

from broker.app import create_app
from broker.settings.settings import Settings
from broker.web.api import OPERATIONS

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.fixture
def app(database):
    # No webhook leads to a host that a request could name.
    settings = Settings(webhook_host_whitelist=("webhooks.invalid",))
    return create_app(settings, database)


@pytest.fixture
def description(app):
    """The description of the API, as schemathesis reads it."""
    import schemathesis  # noqa: PLC0415 - it takes half a second, which only these tests should wait

    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.mark.parametrize("tag", sorted({name.partition(".")[0].replace("_", " ") for name in OPERATIONS}))
def test_every_answer_is_as_the_description_says(app, description, tag, caplog):
    from schemathesis import GenerationMode  # noqa: PLC0415 - as above

    operations = [found.ok() for found in description.get_all_operations()]
    everything = Everything(app.test_client())

    for operation in operations:
        if tag not in operation.tags or operation.method == NAMES_METHODS:
            continue
        if operation.path != BREAKS_ON_PURPOSE:
            known = everything.known_to(operation)
            send(operation, GenerationMode.POSITIVE, known)
            if can_be_broken(operation):
                send(operation, GenerationMode.NEGATIVE, known)

    # A badge that cannot be drawn says so in the log alone.
    assert [record.getMessage() for record in caplog.records if record.name == "broker"] == []
