"""Whether a version can be deployed, and what stands in its way."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from tally.amounts import counted
from tally.assistants import names
from tally.assistants.answers import Answer, ToolError, page_of, quoted
from tally.assistants.decisions import obstacles
from tally.assistants.sources.sources import Sources
from tally.broker_client import BrokerClient, Resource
from tally.commands.decisions.decision_requests import ALL_ROWS, Patience, ask
from tally.commands.decisions.decisions import BrokerDecision, DecisionRow, decision
from tally.commands.decisions.questions import DecisionQuestion, DecisionTarget
from tally.commands.decisions.selectors import VersionSelector

_ONCE = Patience(0, 0)
_PAGE = "pb:can-i-deploy-pacticipant-version-to-environment"
_FEW = 10
_NO_VERSION = " -"


def can_i_deploy(  # noqa: PLR0913 - one for each way to ask
    sources: Sources,
    *,
    pacticipant: Annotated[str, "Name of the application, as the broker knows it."],
    version: Annotated[str | None, "Its version. Give one of version, branch, tag and main_branch."] = None,
    branch: Annotated[str | None, "Its newest version of this branch."] = None,
    tag: Annotated[str | None, "Its newest version with this tag."] = None,
    main_branch: Annotated[bool, "Its newest version of its main branch."] = False,
    environment: Annotated[str | None, "Where it is to be deployed, such as production."] = None,
    to_tag: Annotated[str | None, "Compare with the newest versions that have this tag instead."] = None,
    to_branch: Annotated[str | None, "Compare with this branch of the other applications: a merge."] = None,
    to_main_branches: Annotated[bool, "Compare with the main branches of the others: a merge."] = False,
    together_with: Annotated[
        dict[str, str] | None, 'Versions of other applications that go with it: {"Orders": "2.1.0"}.'
    ] = None,
    ignore: Annotated[tuple[str, ...], "Names of applications whose results do not count."] = (),
    page: Annotated[int, "Page of the obstacles and of what was compared."] = 1,
) -> Answer:
    """Say whether a version can be deployed without breaking anything; if not, why, and what to do next.

    Call it before a deployment or a merge, and whenever somebody asks why something cannot be deployed. An
    answer that is not "Yes" is no permission: results may be missing. Name the environment.
    """
    if _given(environment, to_tag, to_branch, to_main_branches or None) > 1:
        raise ToolError("Give one of environment, to_tag, to_branch and to_main_branches.")
    if any(name is not None and not name.strip() for name in (to_tag, to_branch)):
        # A blank one would ask about no place at all.
        raise ToolError("to_tag and to_branch cannot be empty: name a tag or a branch, or leave them out.")
    target = DecisionTarget(environment, to_tag, to_branch, to_main_branches)
    broker = sources.broker
    number = _number(broker, pacticipant, version=version, branch=branch, tag=tag, main_branch=main_branch)
    asked = [VersionSelector(pacticipant, version=number), *_others(broker, together_with or {})]
    if environment is not None:
        names.environment(broker, environment)
    for name in ignore:
        names.application(broker, name, "ignore")
    ignored = tuple(VersionSelector(name, ignored=True) for name in ignore)
    question = DecisionQuestion(tuple(asked), target, ignored)
    answer = ask(broker, [*question.parameters(), ALL_ROWS], _ONCE)
    return _answer(broker, question, answer, page)


def _given(*values: object) -> int:
    """Return how many are given; an empty text is, and is refused later: it is no wish for anything."""
    return sum(value is not None for value in values)


def _number(  # noqa: PLR0913 - one for each way to name a version, all named at the call
    broker: BrokerClient,
    pacticipant: str,
    *,
    version: str | None,
    branch: str | None,
    tag: str | None,
    main_branch: bool,
) -> str:
    """Return the number of the version that is asked about."""
    if _given(version, branch, tag, main_branch or None) != 1:
        raise ToolError("Give one of version, branch, tag and main_branch.")
    if version is not None:
        found = names.version(broker, pacticipant, version, "version")
    elif branch is not None:
        found = names.head(broker, pacticipant, branch)
    elif tag is not None:
        found = names.newest_tagged(broker, pacticipant, tag)
    else:
        found = names.main_head(broker, pacticipant)
    return str(found.state["number"])


def _others(broker: BrokerClient, together_with: Mapping[str, Any]) -> list[VersionSelector]:
    selectors = []
    for name, number in together_with.items():
        if not isinstance(number, str) or not number:
            raise ToolError(f"together_with: name the version of {quoted(name)} as a text.")
        names.version(broker, name, number, "together_with")
        selectors.append(VersionSelector(name, version=number))
    return selectors


def _answer(broker: BrokerClient, question: DecisionQuestion, answer: Resource, page: int) -> Answer:
    found = decision(answer)
    explained = obstacles.explained(answer, found)
    compared = list(zip(found.rows, found.cells(), strict=True))
    shown = _pages({"obstacles": (explained, _FEW), "compared": (compared, 2 * _FEW)}, page)
    in_the_way = shown.get("obstacles", {"items": []})["items"]
    steps = [item.step(question.aim_of_deployment) for item in in_the_way]
    data: dict[str, Any] = {
        "deployable": None if _compares_nothing(found, question) else found.deployable,
        "missing_results": found.missing,
        "reasons": [notice.text for notice in found.notices],
    }
    if in_the_way:
        data["obstacles"] = {**shown["obstacles"], "items": [item.document() for item in in_the_way]}
    if "compared" in shown:
        data["compared"] = {
            **shown["compared"],
            "items": [_row(*each) for each in shown["compared"]["items"]],
        }
    return Answer(
        _summary(found, question, [item.sentence for item in explained]),
        data,
        next=[*dict.fromkeys(steps), *_hints(found, question, is_explained=bool(explained))],
        links=_links(broker, question),
    )


def _pages(lists: Mapping[str, tuple[Sequence[Any], int]], page: int) -> dict[str, Any]:
    """Return that page of each list that has one. Raises ToolError when none has."""
    longest = max(len(items) / size for items, size in lists.values())
    return {
        name: page_of(items, page, size)
        for name, (items, size) in lists.items()
        if len(items) > (page - 1) * size or len(items) / size == longest
    }


def _summary(found: BrokerDecision, question: DecisionQuestion, sentences: Sequence[str]) -> str:
    subject = " with ".join(f"{quoted(one.pacticipant)} {quoted(one.version)}" for one in question.asked)
    if _compares_nothing(found, question):
        return (
            f"Not known: whether {subject} can {_aim(question.target)}. No other application that it has "
            "contracts with has that name: check it."
        )
    verdict = found.verdict(subject, _aim(question.target))
    if found.deployable and not found.rows:
        return f"{verdict} Nothing had to be compared: no contract with the versions there needs a result."
    if found.deployable:
        return verdict
    more = f" {counted(len(sentences) - 1, 'more obstacle')}: data.obstacles." if len(sentences) > 1 else ""
    return f"{verdict} {sentences[0]}{more}" if sentences else verdict


def _compares_nothing(found: BrokerDecision, question: DecisionQuestion) -> bool:
    """Whether a yes is about a tag or a branch that nobody may have: a misspelt name has no rows either."""
    is_named = bool(question.target.tag or question.target.branch)
    return is_named and bool(found.deployable) and all(row.consumer == row.provider for row in found.rows)


def _aim(target: DecisionTarget) -> str:
    if target.environment:
        return f"be deployed to {quoted(target.environment)}"
    if target.tag:
        return f"be deployed next to what has the tag {quoted(target.tag)}"
    if target.branch:
        return f"be merged into {quoted(target.branch)}"
    if target.main_branch:
        return str(target)
    return "be deployed next to the newest versions of the others (no environment was named)"


def _hints(found: BrokerDecision, question: DecisionQuestion, *, is_explained: bool) -> list[str]:
    hints = []
    if not found.deployable and not is_explained:
        hints.append("data.reasons says what stands in the way.")
    if not question.target.parameters():
        hints.append("Name the environment, such as production: what is there counts, not the newest.")
    return hints


def _row(row: DecisionRow, cells: tuple[str, ...]) -> dict[str, Any]:
    consumer, consumer_version, provider, provider_version, result = cells
    return {
        "consumer": f"{consumer} {consumer_version}".removesuffix(_NO_VERSION),
        "provider": f"{provider} {provider_version}".removesuffix(_NO_VERSION),
        "result": result,
        **({"result_url": row.result_url} if row.result_url else {}),
    }


def _links(broker: BrokerClient, question: DecisionQuestion) -> dict[str, str]:
    index, found = broker.index(), {}
    page = next(index.links(_PAGE), None)
    if page is not None and question.target.parameters() and len(question.asked) == 1:
        [asked] = question.asked
        where = {
            "environment": question.target.environment,
            "to": question.target.tag,
            "toBranch": question.target.branch,
            "mainBranch": "true" if question.target.main_branch else None,
        }
        pairs = [("pacticipant", asked.pacticipant), ("version", asked.version or "")]
        pairs += [(name, value) for name, value in where.items() if value]
        pairs += [pair for one in question.ignored for pair in one.parameters()]
        found["decision"] = f"{page.href.partition('?')[0]}?{urlencode(pairs)}"
    if matrix := next(index.links("tally:matrix"), None):
        found["matrix"] = f"{matrix.href}?{urlencode(question.parameters())}"
    return found
