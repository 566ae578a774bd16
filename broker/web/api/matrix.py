"""The matrix: which versions work with which (reference §8)."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, jsonify, request

from broker.domain.deploying import Question
from broker.domain.errors import MatrixSelectorError
from broker.domain.matrix import LatestBy, Verdict
from broker.domain.reasons import AboutRow, Reason
from broker.domain.selectors import Selector, Target
from broker.services import deciding, pacticipants
from broker.services.deciding import Answer
from broker.web import query, text
from broker.web.api import explanations, moments
from broker.web.api.matrix_rows import Rows
from broker.web.context import links, now, reading, settings
from broker.web.hal import Hal, Links
from broker.web.query import Query
from broker.web.routes import rule

blueprint = Blueprint("matrix", __name__)

DEFAULT_LIMIT = 100
MOST_SECONDS = 60
TOO_MANY_WAIT: Hal = {
    "type": "warning",
    "text": "So many wait already that this answer was not held back: ask again in a few seconds.",
}
_VERDICTS = {"true": Verdict.SUCCESS, "false": Verdict.FAILED, "": Verdict.UNKNOWN}


@blueprint.get(rule("matrix"))
def show() -> Response:
    """Show the rows of the selectors, and what they mean for a deployment."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    return answer(_question(asked), wait=wait(asked))


@blueprint.get(rule("matrix-of-pair"))
def of_pair(provider: str, consumer: str) -> Response:
    """Show which versions of a consumer and a provider work with each other, the newest first."""
    with reading() as storage:
        pacticipants.find(storage, provider, "provider")
        pacticipants.find(storage, consumer, "consumer")
    pair = (Selector(consumer), Selector(provider))
    return answer(Question(pair, latest_by=LatestBy.CVPV, limit=DEFAULT_LIMIT))


def wait(asked: Query) -> int:
    """Return for how many seconds the answer may be held back: `wait=60`."""
    value = asked.values.get("wait", "0")
    if "wait" in asked.values and "at" in asked.values:
        raise MatrixSelectorError(["wait and at exclude each other: what was, does not change"], "wait")
    if not (value.isascii() and value.isdecimal()) or int(value) > MOST_SECONDS:
        raise MatrixSelectorError(
            [f"wait must be a whole number of seconds from 0 to {MOST_SECONDS}"], "wait"
        )
    return int(value)


def answer(question: Question, *, wait: int = 0) -> Response:
    """Answer a question, as HAL or as text.

    While results are missing that may still come, the server is asked to hold an answer back that may *wait*.
    """
    with reading() as storage:
        found = deciding.decide(
            storage, question, every_version_counts=settings().unverified_in_environment_is_unknown
        )
    is_refused = bool(wait) and found.may_change and not _hold(wait, found)
    if request.accept_mimetypes.best_match(["application/hal+json", "text/plain"]) == "text/plain":
        about = "".join(f"{notice['text']}\n\n" for notice in moments.notices(found))
        response = Response(about + text.matrix(found.decision), content_type="text/plain;charset=utf-8")
    else:
        document = represent(found, links(), ignoring=bool(question.ignored))
        document["notices"] += [TOO_MANY_WAIT] if is_refused else []
        response = jsonify(document)
    if is_refused:
        response.headers["Retry-After"] = "5"
    return response


def _hold(seconds: int, found: Answer) -> bool:
    """Return whether the server holds the answer back; one that cannot is as good as one that answers."""
    hold = request.environ.get("tally.hold")
    return hold is None or bool(hold(seconds, found.depends_on))


def ignored(asked: Query) -> tuple[Selector, ...]:
    """Return what is to be set aside: `ignore[]=NAME` or `ignore[][pacticipant]=NAME&…`."""
    by_name = [Selector(name) for name in asked.lists.get("ignore", ()) if name.strip()]
    return (*by_name, *(_selector(item, "ignore") for item in asked.objects.get("ignore", ())))


def _question(asked: Query) -> Question:
    values = asked.values
    return Question(
        selectors=tuple(dict.fromkeys(_selector(item, "q") for item in asked.objects.get("q", ()))),
        target=Target(
            tag=values.get("tag"),
            environment=values.get("environment"),
            branch=values.get("branch"),
            main_branch=values.get("mainBranch") == "true",
            latest=values.get("latest") == "true",
        ),
        ignored=ignored(asked),
        latest_by=_latest_by(values.get("latestby")),
        verdicts=_verdicts(asked.lists.get("success", ())),
        limit=_limit(values.get("limit")),
        at=moments.at(asked, now()),
    )


def _selector(item: Mapping[str, str], name: str) -> Selector:
    if "pacticipant" not in item:
        raise MatrixSelectorError([f"Name the pacticipant of each selector: {name}[][pacticipant]=NAME"])
    return Selector(
        item["pacticipant"],
        version=item.get("version"),
        branch=item.get("branch"),
        tag=item.get("tag"),
        environment=item.get("environment"),
        main_branch=item.get("mainBranch") == "true",
        latest=item.get("latest") == "true",
    )


def _latest_by(value: str | None) -> LatestBy | None:
    try:
        return None if value is None else LatestBy(value)
    except ValueError as error:
        raise MatrixSelectorError(["latestby must be one of: cvpv, cvp, cp"]) from error


def _verdicts(values: tuple[str, ...]) -> frozenset[Verdict]:
    if not set(values) <= set(_VERDICTS):
        raise MatrixSelectorError(["success must be one of: true, false, or empty for unverified"])
    return frozenset(_VERDICTS[value] for value in values)


def _limit(value: str | None) -> int:
    if value is None:
        return DEFAULT_LIMIT
    if not (value.isascii() and value.isdecimal()) or not 1 <= int(value) <= 2**31:
        raise MatrixSelectorError(["limit must be a whole number greater than or equal to 1"])
    return int(value)


def represent(found: Answer, links: Links, *, ignoring: bool) -> Hal:
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
    notices += _next_steps(decision.reasons, links)
    answered: Hal = {"summary": summary, "notices": notices, "matrix": [*rows, *aside]}
    if found.at is not None:
        answered["notices"] = [*moments.notices(found), *notices]
        answered["tally:asOf"] = moments.exact(found.at)
    if found.obstacles:
        answered["tally:explanation"] = [explanations.represent(item, links) for item in found.obstacles]
    return answered


def _next_steps(reasons: Sequence[Reason], links: Links) -> list[Hal]:
    """Return what to do about each row that stands in the way; our own, behind the reasons."""
    about_rows = [reason for reason in reasons if isinstance(reason, AboutRow)]
    steps = [
        reason.next_step(explanations.pact_url(reason.row, links), explanations.result_url(reason.row, links))
        for reason in about_rows
    ]
    return [{"type": "prompt", "text": f"Next: {step}"} for step in dict.fromkeys(steps)]
