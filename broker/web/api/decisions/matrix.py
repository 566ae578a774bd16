"""The matrix: which versions work with which (reference §8)."""

from flask import Response, jsonify, request

from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.reasons import AboutRow
from broker.domain.errors import MatrixSelectorError
from broker.services.decisions import decide
from broker.services.decisions.decide import ExplainedDecision, Explaining
from broker.services.pacticipants import pacticipants
from broker.web import query, query_values, text
from broker.web.api.decisions import as_of, matrix_query, obstacles, row_evidence
from broker.web.api.decisions.matrix_rows import Rows
from broker.web.asked_by_gateway import HOLD
from broker.web.content_types import HAL, PLAIN
from broker.web.context import links, reading, settings, store_if_possible
from broker.web.hal import Hal, Links
from broker.web.query import Query
from broker.web.resource import ApiResource

api = ApiResource("matrix", __name__)
api.relation("tally:explanation", "The obstacles behind the decision: who has to act, and how.")
api.relation("tally:page", "The page that shows this to people.")
api.relation(
    "tally:matrix", "Which versions work with which.", "matrix", title="Which versions work with which"
)
api.relation("pb:matrix-for-consumer-version", "The results for this version of the consumer.", "matrix")

MOST_SECONDS = 60
TOO_MANY_WAIT: Hal = {
    "type": "warning",
    "text": "Too many clients are waiting, so the broker answered at once. Ask again in a few seconds.",
}


@api.get("matrix", answers="Matrix", types=(HAL, PLAIN), query=matrix_query.DESCRIBED)
def show() -> Response:
    """Show the rows that the selectors select, and whether a deployment is safe."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    return answer(matrix_query.read(asked), wait=wait(asked), most=matrix_query.most_shown(asked))


@api.get("matrix-of-pair", answers="Matrix", types=(HAL, PLAIN), query=matrix_query.OF_PAIR)
def of_pair(provider: str, consumer: str) -> Response:
    """Show which versions of a consumer and a provider work with each other, the newest first."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    question = matrix_query.of_pair(asked, consumer, provider)
    try:
        return answer(question, wait=wait(asked), most=matrix_query.most_shown(asked))
    except MatrixSelectorError:
        # An application that does not exist is Not Found, whatever else is wrong.
        with reading() as storage:
            pacticipants.find(storage, provider, "provider")
            pacticipants.find(storage, consumer, "consumer")
        raise


def wait(asked: Query) -> int:
    """Return for how many seconds the answer may be held back: `wait=60`."""
    value = asked.values.get("wait", "0")
    if "wait" in asked.values and "at" in asked.values:
        raise MatrixSelectorError(["wait and at cannot be combined: the past does not change"], "wait")
    seconds = query_values.whole_number(value, least=0, most=MOST_SECONDS)
    if seconds is None:
        raise MatrixSelectorError(
            [f"wait must be a whole number of seconds from 0 to {MOST_SECONDS}"], "wait"
        )
    return seconds


def answer(question: Question, *, wait: int = 0, most: int | None = None) -> Response:
    """Answer a question, as HAL or as text; HAL has *most* rows.

    While results are missing that may still come, the server is asked to hold an answer back that may *wait*.
    """
    found = decided(question)
    is_refused = bool(wait) and found.may_change and not _hold(wait, found)
    if request.accept_mimetypes.best_match(["application/hal+json", "text/plain"]) == "text/plain":
        about = "".join(f"{notice['text']}\n\n" for notice in as_of.notices(found))
        response = Response(about + text.matrix(found.decision), content_type="text/plain;charset=utf-8")
    else:
        document = represent(found, links(), ignoring=bool(question.ignored))
        document["matrix"] = document["matrix"][:most]
        document["notices"] += [TOO_MANY_WAIT] if is_refused else []
        response = jsonify(document)
    if is_refused:
        response.headers["Retry-After"] = "5"
    return response


def decided(question: Question, explaining: Explaining = Explaining.FULLY) -> ExplainedDecision:
    """Return the decision, and have the comparisons made that it misses."""
    with reading() as storage:
        found = decide.decide(
            storage,
            question,
            every_version_counts=settings().unverified_in_environment_is_unknown,
            explaining=explaining,
        )
        misses = decide.misses_comparisons(storage, found)
    if misses:
        store_if_possible(lambda storage: decide.ask_for_comparisons(storage, found, links().base))
    return found


def _hold(seconds: int, found: ExplainedDecision) -> bool:
    """Return False when the server refuses to hold the answer back; one that cannot hold any refuses none."""
    hold = request.environ.get(HOLD)
    return hold is None or bool(hold(seconds, found.depends_on))


def represent(found: ExplainedDecision, links: Links, *, ignoring: bool) -> Hal:
    """Return the decision (reference §8.5); *ignoring* says whether anything was to be ignored."""
    decision = found.decision
    notices = [{"type": reason.type, "text": reason.text} for reason in decision.reasons]
    summary: Hal = {
        "deployable": decision.deployable,
        "reason": "\n".join(reason.text for reason in decision.reasons),
        "success": decision.success,
        "failed": decision.failed,
        "unknown": decision.unknown,
    }
    if ignoring:
        summary["ignored"] = len(decision.ignored)
    in_json = Rows(found, links)
    rows = [in_json.represent(row) for row in decision.considered]
    aside = [{**in_json.represent(row), "ignored": True} for row in decision.ignored]
    notices += next_steps(found, links)
    answered: Hal = {"summary": summary, "notices": notices, "matrix": [*rows, *aside]}
    if found.at is not None:
        answered["notices"] = [*as_of.notices(found), *notices]
        answered["tally:asOf"] = as_of.exact(found.at)
    if found.obstacles:
        answered["tally:explanation"] = [obstacles.represent(item, links) for item in found.obstacles]
    return answered


def next_steps(found: ExplainedDecision, links: Links) -> list[Hal]:
    """Return the next step for each obstacle; the Pact Broker has no such notices, so they come last."""
    kept_by = {item.row: f"{item.row.provider} {item.kept_by}" for item in found.obstacles if item.kept_by}
    steps = []
    for reason in found.decision.reasons:
        if isinstance(reason, AboutRow):
            page = row_evidence.result_url(reason.row, links)
            if page is None and reason.row.result_number:
                page = obstacles.page(reason.row, links)["href"]
            steps.append(reason.next_step(obstacles.contract_url(reason.row, links), page))
            if kept_by and reason.row in kept_by:
                steps.append(f"{kept_by[reason.row]} keeps the pact of {reason.consumer}: deploy that one")
    return [{"type": "prompt", "text": f"Next: {step}"} for step in dict.fromkeys(steps)]
