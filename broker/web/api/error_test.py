"""An error on purpose, to check that errors reach the log and alerts (reference §2.8)."""

from typing import NoReturn

from broker.web.description.needs import ASKS_WHO
from broker.web.resource import ApiResource

api = ApiResource("error_test", __name__)


@api.view("error-test", methods=("GET", "POST"), statuses=(), needs=ASKS_WHO)
def fail() -> NoReturn:
    """Fail on purpose."""
    raise RuntimeError("This error was requested, to test how errors are reported")
