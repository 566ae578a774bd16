"""What users do with results of scenarios: publish them, and look at them."""

from datetime import datetime

from broker.domain.accounts.permissions import Action
from broker.domain.errors import NotFoundError, ValidationError
from broker.domain.pagination import Page, PartOfList
from broker.domain.scenarios.result import NewScenarioResult, ScenarioResult
from broker.services import permission
from broker.services.pacticipants import pacticipants
from broker.storage.storage import Storage


def publish(storage: Storage, result: NewScenarioResult, now: datetime) -> ScenarioResult:
    """Store a result under the versions that took part; those that are new are created.

    Raises ValidationError when there is no such pacticipant: a name may be misspelt. Raises
    PermissionDeniedError unless all that took part are theirs: it is shown with each of them.
    """
    names = sorted({participant.pacticipant for participant in result.participants})
    permission.require(storage, Action.VERIFY, *names)
    services = storage.pacticipants.find_many(names)
    unknown = [name for name in names if name not in services]
    if unknown:
        raise ValidationError({"participants": [f"there is no pacticipant {name!r}" for name in unknown]})
    versions = [
        storage.versions.find_or_create(services[each.pacticipant], each.version, now)[0]
        for each in result.participants
    ]
    return find(storage, storage.scenario_results.add(result, versions, now))


def find(storage: Storage, number: int) -> ScenarioResult:
    """Return a result. Raises NotFoundError."""
    found = storage.scenario_results.find(number)
    if found is None:
        raise NotFoundError(f"No result of a scenario with number {number} found")
    return found


def of_version(
    storage: Storage, pacticipant: str, version: str, page: Page | None
) -> PartOfList[ScenarioResult]:
    """Return the results in which a version took part, newest first. Raises NotFoundError for the version."""
    found = pacticipants.find_version(storage, pacticipant, version)
    return storage.scenario_results.of_version(found, page)
