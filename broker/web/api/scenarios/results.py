"""Results of scenarios: workflows that were executed over several services."""

import orjson
from flask import Response

from broker.domain import limits
from broker.domain.accounts.permissions import Action
from broker.domain.pagination import Page
from broker.domain.scenarios.result import NewScenarioResult, Participant, ScenarioResult
from broker.services.scenarios import results
from broker.web import pagination, parsing
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.description.parameters import PAGE
from broker.web.hal import Hal, Links, resource, timestamp
from broker.web.parsing import Fields
from broker.web.paths import result_number
from broker.web.resource import ApiResource
from broker.web.responses import created

_FIRST_PAGE = Page(1, pagination.DEFAULT_SIZE)

api = ApiResource("scenario_results", __name__)
api.relation(
    "tally:publish-scenario-results",
    "Publish what came of a scenario over several services, as `tally scenario --publish` does: a `title`, "
    "`success`, the `participants` (each a pacticipant and its version), and in `testResults` what came of "
    "each workflow. It decides nothing: it is shown with the versions that took part.",
    "publish-scenario-results",
    title="Publish what came of a scenario over several services",
)
api.relation("tally:participants", "The versions of services that took part in a scenario.", "version")
api.relation(
    "tally:scenario-results",
    "The results of scenarios in which this version took part, newest first.",
    "scenario-results",
)


@api.post(
    "publish-scenario-results",
    answers="ScenarioResult",
    statuses=(201,),
    takes="NewScenarioResult",
    needs=Needs(Action.VERIFY),
)
def publish() -> Response:
    """Store what came of a scenario."""
    result = _result()
    with transaction() as storage:
        stored = results.publish(storage, result, now())
    make = links()
    return created(represent(stored, make), make.href("scenario-result", number=str(stored.id)))


@api.get("scenario-result", answers="ScenarioResult")
def show(number: str) -> Hal:
    """Show what came of a scenario."""
    wanted = result_number(number)
    with reading() as storage:
        found = results.find(storage, wanted)
    return represent(found, links())


@api.get("scenario-results", answers="ScenarioResults", query=PAGE)
def of_version(pacticipant: str, version: str) -> Hal:
    """List the scenarios in which a version took part."""
    page = pagination.page(_FIRST_PAGE)
    with reading() as storage:
        found = results.of_version(storage, pacticipant, version, page)
    make = links()
    place = {"pacticipant": pacticipant, "version": version}
    itself = make.to("scenario-results", f"Scenarios with version {version} of {pacticipant}", **place)
    document: Hal = {
        "_embedded": {"scenarioResults": [represent(each, make) for each in found.items]},
        "_links": {
            "self": itself,
            "pb:pacticipant-version": make.to("version", "Pacticipant version", version, **place),
            "curies": make.curies("scenario-results"),
        },
    }
    return pagination.paged(document, found, itself["href"])


def _result() -> NewScenarioResult:
    fields = Fields(parsing.json_object())
    title = fields.text("title", limit=limits.LINE, required=True)
    success = fields.boolean("success", required=True)
    duration = fields.whole("durationMs", at_least=0)
    build_url = fields.url("buildUrl")
    test_results = fields.json("testResults", limit=limits.RESULT_TEXT)
    participants: list[Participant] = []
    for item in fields.objects("participants", most=limits.PARTICIPANTS, required=True) or ():
        name = item.text("pacticipantName", limit=limits.NAME, required=True)
        number = item.text("pacticipantVersionNumber", limit=limits.REFERENCE, required=True)
        participant = Participant(name or "", number or "")
        if participant in participants:
            item.refuse("pacticipantName", "is in the list twice, with the same version")
        participants.append(participant)
    if not participants:
        fields.refuse("participants", "must name at least one version")
    fields.done()
    return NewScenarioResult(
        title=title or "",
        success=bool(success),
        duration_ms=duration or 0,
        participants=participants,
        build_url=build_url,
        test_results=test_results,
    )


def represent(result: ScenarioResult, links: Links) -> Hal:
    """Return the HAL document of a result; in a list, it is without what came of each step."""
    number = str(result.id)
    details = {"testResults": orjson.Fragment(result.test_results)} if result.test_results else {}
    return resource(
        {
            "title": result.title,
            "success": result.success,
            "durationMs": result.duration_ms,
            "buildUrl": result.build_url,
            "createdAt": timestamp(result.created_at),
            **details,
        },
        links={
            "self": links.to("scenario-result", "Result of a scenario", result.title, number=number),
            "tally:participants": [
                links.to(
                    "version",
                    "Pacticipant version",
                    f"{each.pacticipant} {each.version}",
                    pacticipant=each.pacticipant,
                    version=each.version,
                )
                for each in result.participants
            ],
            "curies": links.curies("scenario-result"),
        },
    )
