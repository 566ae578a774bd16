"""What an assistant is told about deployments."""

import pytest
import requests
from support.assistants import RefusedError, assistant
from support.factories import a_pact, a_publication


@pytest.fixture
def asked(live_broker):
    with assistant("--broker-base-url", live_broker) as found:
        yield found


def test_a_version_that_nobody_verified_cannot_be_deployed(asked, live_broker):
    requests.post(
        f"{live_broker}/contracts/publish", json=a_publication(a_pact(), version="1"), timeout=30
    ).raise_for_status()

    answer = asked.call("can_i_deploy", pacticipant="Shop", version="1")

    assert (
        answer["summary"]
        == "No: it is not known yet whether `Shop` `1` can be deployed; 1 result is missing."
    )
    assert answer["data"]["deployable"] is None


def test_a_misspelt_parameter_is_refused(asked):
    with pytest.raises(RefusedError, match=r"no parameter `enviroment`. Did you mean environment?"):
        asked.call("can_i_deploy", pacticipant="Shop", version="1", enviroment="production")
