"""The rows of an answer of the matrix as JSON (reference §8.5)."""

from datetime import datetime

from orjson import Fragment

from broker.domain.decisions.matrix import Row, RowVersion
from broker.domain.decisions.selectors import VersionRef
from broker.domain.model import BranchMembership
from broker.services.decisions.decide import ExplainedDecision
from broker.web.api.decisions import obstacles, row_evidence
from broker.web.embedded_environment import embedded_environment
from broker.web.hal import Hal, Links, encoded, timestamp


class Rows:
    """Represent the rows of one answer: a version or a pact that many of them have is made once."""

    def __init__(self, found: ExplainedDecision, links: Links) -> None:
        self._details = found.details
        self._environments = {
            key: embedded_environment(environment, links) for key, environment in found.environments.items()
        }
        self._links = links
        self._participants: dict[tuple[str, int | None], Fragment] = {}
        self._pacts: dict[tuple[int, str, datetime], Fragment] = {}

    def represent(self, row: Row) -> Hal:
        """Return one row."""
        result: Hal | None = None
        if row.verified_at is not None:
            result = {
                "success": row.verdict.value,
                "verifiedAt": timestamp(row.verified_at),
                "_links": {"self": {"href": obstacles.result_url(row, self._links)}},
            }
        return {
            "consumer": self._participant(row.consumer, row.consumer_version),
            "provider": self._participant(row.provider, row.provider_version),
            "pact": self._pact(row),
            "verificationResult": result,
            **(row_evidence.represent(row, self._links) if row.contract else {}),
        }

    def _pact(self, row: Row) -> Hal | Fragment:
        if row.subject:
            return self._contract(row)
        key = (row.consumer_version.id, row.provider, row.published_at)
        known = self._pacts.get(key)
        if known is None:
            known = self._pacts[key] = encoded(self._contract(row))
        return known

    def _contract(self, row: Row) -> Hal:
        return {
            "createdAt": timestamp(row.published_at),
            "_links": {"self": {"href": obstacles.contract_url(row, self._links)}},
        }

    def _participant(self, name: str, version: VersionRef | None) -> Fragment:
        key = (name, version.id if version else None)
        known = self._participants.get(key)
        if known is None:
            known = self._participants[key] = encoded(
                {
                    "name": name,
                    "version": version and self._version(name, version),
                    "_links": {"self": self._links.to("pacticipant", pacticipant=name)},
                }
            )
        return known

    def _version(self, name: str, version: VersionRef) -> Hal:
        details = self._details.get(version.id) or RowVersion()
        place = {"pacticipant": name, "version": version.number}
        on_branches = [self._branch(branch, place) for branch in details.branches]
        return {
            "number": version.number,
            "branch": details.branches[-1].name if details.branches else None,
            "branches": on_branches,
            "branchVersions": on_branches,
            "environments": [
                self._environments[key] for key in details.environment_ids if key in self._environments
            ],
            "_links": {"self": self._links.to("version", **place)},
            "tags": [self._tag(tag, place, latest=latest) for tag, latest in details.tags],
        }

    def _branch(self, branch: BranchMembership, place: dict[str, str]) -> Hal:
        self_link = self._links.to(
            "branch-version", "Branch version", branch.name, **place, branch=branch.name
        )
        return {"name": branch.name, "latest": branch.latest, "_links": {"self": self_link}}

    def _tag(self, tag: str, place: dict[str, str], *, latest: bool) -> Hal:
        return {
            "name": tag,
            "latest": latest,
            "_links": {"self": self._links.to("version-tag", **place, tag=tag)},
        }
