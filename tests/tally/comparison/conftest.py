import pytest

from tally.comparison.comparing import compare
from tally.comparison.findings import Policy
from tally.pact import parse_pact
from tally.service_contract.joining import joined
from tally.service_contract.parsing import parse_service_contract


@pytest.fixture
def compared():
    """Compare a pact with documents, and return what is printed as JSON."""

    def comparison(pact, *documents, policy=Policy.POSSIBLE, **options):
        contracts = [parse_service_contract(document) for document in documents]
        contract = contracts[0] if len(contracts) == 1 else joined(contracts)
        return compare(parse_pact(pact), contract, policy, **options).as_json()

    return comparison
