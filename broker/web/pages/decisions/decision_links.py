"""Where a page of a decision leads to: commands for a terminal, a badge, and the pages of its rows."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.evidence import Kind
from broker.domain.decisions.matrix import Row, RowVersion
from broker.domain.decisions.obstacles import Obstacle, PactDelivery
from broker.domain.decisions.reasons import AboutRow, Failed, NeverVerified
from broker.domain.decisions.selectors import Selector, VersionRef
from broker.services.decisions.decide import ExplainedDecision
from broker.web.api.decisions import as_of, obstacles, row_evidence
from broker.web.hal import Links
from broker.web.pages.filters import short
from tally.commands.delivery_status import in_words
from tally.values import dataclass

Moves = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class RowLinks:
    """What a template says of rows. *places* are the names of environments by the id of the version."""

    places_of: Mapping[int, Sequence[str]]
    local: Links

    def result(self, row: Row) -> str:
        """Return the address of the result of a row, as a page if there is one; else of the contract."""
        return result(row, self.local)

    def evidence(self, row: Row) -> str:
        """Return by which evidence a row holds."""
        return evidence(row)

    def places(self, version: VersionRef) -> Sequence[str]:
        """Return the names of the environments in which the version is."""
        return self.places_of.get(version.id, ())


@dataclass(frozen=True)
class DecisionLinks(RowLinks):
    """What a template says of a decision; *absolute* makes the links of commands."""

    absolute: Links

    def run(self, obstacle: Obstacle) -> str | None:
        """Return the command that the API gives."""
        return obstacles.command(obstacle, self.absolute)

    def next_step(self, reason: AboutRow) -> str:
        """Return what to do about a row, for a page that links to what it names."""
        row = reason.row
        step = reason.next_step("the service contract" if row.subject else "the pact", None)
        numbers = [row.consumer_version.number]
        numbers += reason.candidates if isinstance(reason, NeverVerified) else ()
        numbers += [row.provider_version.number] if row.provider_version else []
        for number in numbers:
            step = step.replace(number, short(number))
        return step

    def since(self, reason: AboutRow) -> str:
        """Return what happened at the moment since when something stands in the way."""
        if isinstance(reason, NeverVerified):
            return "published"
        return "first" if type(reason) is Failed else "found"

    def teams(self, obstacle: Obstacle) -> list[str]:
        """Return the labels of the teams of both applications, each once."""
        return list(dict.fromkeys(label for labels in obstacle.teams.values() for label in labels))

    def notes(self, row: Row) -> Iterator[str]:
        """Yield what the API says of service contracts that do not help."""
        found = row_evidence.represent(row, self.local).get("tally:evidence") or {}
        yield from found.get("problems") or ()
        yield from [found["note"]] if found.get("note") else []
        for item in found.get("undecided") or ():
            yield f"the service contract of {item['version']} does not help: {item['note']}"

    def delivered(self, sent: PactDelivery) -> str:
        """Return what became of a delivery."""
        return in_words(sent.status.value)

    def plan_instead(self, question: Question, obstacle: Obstacle) -> str | None:
        """Return where to ask in which order the version can go with the one that keeps the pact."""
        (selector,), environment = question.selectors, question.target.environment
        name, kept_by = obstacle.row.provider, obstacle.kept_by
        if None in {environment, selector.version, kept_by} or name == selector.pacticipant:
            return None
        moves = ((selector.pacticipant, selector.version or ""), (name, kept_by.number if kept_by else ""))
        return f"{self.local.href('deploy-plan')}?{plan_query(moves, environment or '')}"


def command(question: Question) -> str | None:
    """Return the command that asks the same; None when no command does."""
    (selector,) = question.selectors
    target = question.target
    if target.main_branch or target.branch:
        if selector.version is None or question.ignored or question.at:
            return None
        words = ["tally", "can-i-merge", "--pacticipant", selector.pacticipant, *_version(selector)]
        return shlex.join([*words, *(["--branch", target.branch] if target.branch else [])])
    words = ["tally", "can-i-deploy", "--pacticipant", selector.pacticipant, *_version(selector)]
    words += ["--to-environment", target.environment] if target.environment else ["--to", target.tag or ""]
    for ignored in question.ignored:
        words += ["--ignore", ignored.pacticipant, *_version(ignored)]
    words += ["--at", as_of.exact(question.at)] if question.at else []
    return shlex.join(words)


def badge(question: Question, found: ExplainedDecision, links: Links) -> str | None:
    """Return the address of the badge of the branch or the tag; None where there is none."""
    (selector,), target = question.selectors, question.target
    name = selector.pacticipant
    if question.at is not None or question.ignored:
        return None
    if target.environment is not None:
        branch = selector.branch or _head_of(selector, found)
        place = {"pacticipant": name, "environment": target.environment}
        return links.href("can-i-deploy-branch-badge", branch=branch, **place) if branch else None
    if target.tag is not None and selector.tag is not None:
        return links.href("can-i-deploy-tag-badge", pacticipant=name, tag=selector.tag, to_tag=target.tag)
    return None


def places(found: ExplainedDecision) -> dict[int, list[str]]:
    """Return the names of the environments in which versions are, by their ids."""
    names = {key: environment.name for key, environment in found.environments.items()}
    return {
        key: [names[place] for place in details.environment_ids if place in names]
        for key, details in found.details.items()
    }


def matrix_query(question: Question) -> str:
    """Return the query string by which the matrix answers the same question."""
    pairs = [pair for selector in question.selectors for pair in selector_pairs("q", selector)]
    pairs += [pair for selector in question.ignored for pair in selector_pairs("ignore", selector)]
    target = question.target
    pairs += [("tag", target.tag), ("environment", target.environment), ("branch", target.branch)]
    pairs += [("mainBranch", target.main_branch), ("latest", target.latest)]
    pairs += [("latestby", question.latest_by.value if question.latest_by else None)]
    pairs += [("at", as_of.exact(question.at) if question.at else None)]
    return urlencode([(key, "true" if value is True else value) for key, value in pairs if value])


def plan_query(moves: Moves, environment: str) -> str:
    """Return the query string that asks in which order versions can go to an environment."""
    pairs = [("q[][pacticipant]", "q[][version]")] * len(moves)
    asked = [pair for keys, move in zip(pairs, moves, strict=True) for pair in zip(keys, move, strict=True)]
    return urlencode([*asked, ("environment", environment)])


def plan_command(moves: Moves, environment: str) -> str:
    """Return the command that asks in which order versions can go to an environment."""
    words = [word for name, version in moves for word in ("-a", name, "-e", version)]
    return shlex.join(["tally", "deploy-plan", *words, "--to-environment", environment])


def selector_pairs(name: str, selector: Selector) -> list[tuple[str, str | bool | None]]:
    """Return the parameters of a selector, as the API reads them."""
    return [
        (f"{name}[][pacticipant]", selector.pacticipant),
        (f"{name}[][version]", selector.version),
        (f"{name}[][branch]", selector.branch),
        (f"{name}[][tag]", selector.tag),
        (f"{name}[][environment]", selector.environment),
        (f"{name}[][mainBranch]", selector.main_branch),
        (f"{name}[][latest]", selector.latest),
    ]


def result(row: Row, links: Links) -> str:
    """Return the address of the result of a row, as a page if there is one; else of the contract."""
    decided_by_contract = row_evidence.result_url(row, links)
    if decided_by_contract is not None:
        return decided_by_contract
    if row.result_number is None:
        return obstacles.contract_url(row, links)
    href: str = obstacles.page(row, links)["href"]
    return href


def evidence(row: Row) -> str:
    """Return by which evidence a row holds, in few words."""
    part = row.contract
    if part is None or row.kind is Kind.REPLAYED:
        return "replayed"
    if row.kind is Kind.COMPARED:
        return "promised" if part.evidence and part.evidence.unverified else "compared"
    return "own service contract" if row.kind is Kind.SERVICE_CONTRACT else "has what is needed"


def _version(selector: Selector) -> list[str]:
    if selector.version is not None:
        return ["--version", selector.version]
    if selector.branch is not None:
        return ["--branch", selector.branch, "--latest"]
    return ["--latest", selector.tag] if selector.tag is not None else []


def _head_of(selector: Selector, found: ExplainedDecision) -> str | None:
    """Return the branch whose head the version is, if a row of the answer says so."""
    rows = (*found.decision.considered, *found.decision.ignored)
    versions = [(row.consumer, row.consumer_version) for row in rows]
    versions += [(row.provider, row.provider_version) for row in rows if row.provider_version]
    for name, version in versions:
        if (name, version.number) == (selector.pacticipant, selector.version):
            details = found.details.get(version.id, RowVersion())
            return next((branch.name for branch in reversed(details.branches) if branch.latest), None)
    return None
