from consumer_sdk import pact_fixture

orders = pact_fixture("Shop", "Orders")
