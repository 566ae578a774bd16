"""Pacts of a pair and results, published one after the other, and what is kept of those that failed."""

import re

from support.factories import a_pact, a_publication, a_verification_result, an_interaction

PACT = "/pacts/provider/Orders/consumer/Shop"
WRONG = {"attribute": "body", "identifier": "$.id", "description": "wrong", "expected": 1, "actual": "a\0b"}


class ResultHistory:
    """A pair whose pacts and results are published one after the other."""

    def __init__(self, client, database):
        self.client = client
        self.database = database
        self.number = 0

    def pact(self, number, **statuses):
        """Publish a pact of the consumer version: a status for each interaction."""
        items = [
            an_interaction(name, response={"status": status}, providerStates=[{"name": name}])
            for name, status in statuses.items()
        ]
        assert (
            self.client.post(
                "/contracts/publish", json=a_publication(a_pact(*items), version=number)
            ).status_code
            == 200
        )
        return self.client.get(f"{PACT}/version/{number}").json

    def result(self, pact, version, *failed, branch="main", named="interactionId", said=True):
        """Publish what a provider version says of the pact. Return what is kept of it."""
        if branch:
            self.client.put(f"/pacticipants/Orders/branches/{branch}/versions/{version}", json={})
        tests = [
            {
                named: item["_id" if named == "interactionId" else "description"],
                "success": item["description"] not in failed,
                "mismatches": [WRONG] if item["description"] in failed else [],
            }
            for item in pact["interactions"]
        ]
        answer = self.client.post(
            pact["_links"]["pb:publish-verification-results"]["href"],
            json=a_verification_result(
                version, success=not failed, **({"testResults": {"tests": tests}} if said else {})
            ),
        )
        assert answer.status_code == 201, answer.text
        self.number = int(re.search(r"\d+$", answer.json["_links"]["self"]["href"]).group())
        with self.database.reading() as storage:
            return storage.failed_results.with_interactions([self.number]).get(self.number)


def since(kept, description=None):
    """Return the version with which a run of failures began, and how many versions it has."""
    found = (
        kept
        if description is None
        else next(item for item in kept.interactions if item.description == description)
    )
    return found.since.version, found.since.versions
