import pytest
from consumer_sdk import Recorder
from consumer_sdk.pytest_plugin import PactBetween


@pytest.fixture
def orders(pact_between: PactBetween) -> Recorder:
    """The orders service, as the shop needs it."""
    return pact_between("Shop", "Orders")
