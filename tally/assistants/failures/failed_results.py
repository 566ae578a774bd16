"""A failed result, as an answer: each mismatch side by side, since when, and which change brought it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tally.amounts import ago, counted
from tally.assistants.answers import Answer, ToolError, page_of, quoted
from tally.assistants.failures.failure_origins import Changes, brought_by
from tally.broker_client import BrokerClient, Resource

Json = dict[str, Any]
_INTERACTIONS, _PROBLEMS = 10, 5
_LONGEST = 400
"""Characters of a value that is shown."""


def explained_result(broker: BrokerClient, result: Resource, page: int) -> Answer:
    """Return why the verification behind a result failed. Raises ToolError for what is no result."""
    link = next(result.links("tally:failures"), None)
    if link is None:
        return _only_what_was_sent(result)
    params = [("page", str(page)), ("size", str(_INTERACTIONS))]
    found = broker.get(link.expand(), params=params)
    return _answer(broker, found, page)


def _answer(broker: BrokerClient, found: Resource, page: int) -> Answer:
    state = found.state
    links = {
        "result": found.link("pb:verification-result").expand(),
        **({"build": state["buildUrl"]} if state["buildUrl"] else {}),
    }
    consumer, provider = (_named(state[role]) for role in ("consumer", "provider"))
    if state["success"]:
        return Answer(f"It did not fail: {provider} keeps the pact of {consumer}.", links=links)
    shown = _page(state, page)
    changes = Changes(broker, state["provider"]["name"])
    origins = [state["origin"], *(item["origin"] for item in state["_embedded"]["failures"])]
    told = [brought_by(origin, state) for origin in origins if origin]
    data = {
        "consumer": state["consumer"],
        "provider": state["provider"],
        "verified_at": state["verifiedAt"],
        "failing_since": state["failingSince"],
        "interactions": {**shown, "items": [_interaction(item, state) for item in shown["items"]]},
        "problem": None if shown["items"] else state["problem"],
        "changed": changes.of([origin for origin in origins if origin], _descriptions(state)),
    }
    return Answer(
        f"{provider} does not keep the pact of {consumer}: {_counts(shown)}.{_since(state)} {_origin(told)}",
        {name: value for name, value in data.items() if value},
        next=_next(told, changes),
        links=links,
    )


def _named(party: Mapping[str, Any]) -> str:
    return f"{quoted(party['name'])} {quoted(party['version'])}"


def _page(state: Json, page: int) -> Json:
    """Return the page of the interactions that the broker gave."""
    total = state["page"]["totalElements"]
    pages = max(1, state["page"]["totalPages"])
    if page > pages:
        raise ToolError(f"page {page} is not there: ask for a page from 1 to {pages}.")
    items = state["_embedded"]["failures"]
    return {"items": items, "total": total} | ({"page": page, "pages": pages} if pages > 1 else {})


def _counts(shown: Json) -> str:
    if shown["total"]:
        return f"{counted(shown['total'], 'interaction')} failed"
    return "the result does not tell which interactions failed"


def _since(state: Json) -> str:
    since = state["failingSince"]
    if not since:
        return ""
    if since["versions"] == 1:
        return f" It failed first with this version, {_age(since['at'])}."
    return (
        f" It fails since version {quoted(since['version'])} ({_age(since['at'])}), in "
        f"{counted(since['versions'], 'version')}."
    )


def _age(moment: str) -> str:
    return ago(datetime.fromisoformat(moment), datetime.now(UTC))


def _origin(told: Sequence[str]) -> str:
    different = list(dict.fromkeys(told))
    if not different:
        return "Which change brought it is not known."
    return different[0] + (" Others: see brought_by of each." if len(different) > 1 else "")


def _descriptions(state: Json) -> frozenset[str]:
    return frozenset(item["description"] for item in state["_embedded"]["failures"])


def _interaction(item: Json, state: Json) -> Json:
    problems = [_problem(problem) for problem in item["problems"][:_PROBLEMS]]
    more = len(item["problems"]) - len(problems)
    found = {
        "description": item["description"],
        "request": item["request"],
        "mismatches": problems,
        "more_mismatches": max(0, more),
        "failing_since": item["failingSince"],
        "brought_by": brought_by(item["origin"], state),
    }
    return {name: value for name, value in found.items() if value}


def _problem(problem: Json) -> Json:
    shown = {name: _short(value) for name, value in problem.items() if value}
    return {name: shown[name] for name in ("place", "expected", "actual", "text") if name in shown}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text) - _LONGEST} characters more)"


def _next(told: Sequence[str], changes: Changes) -> list[str]:
    steps = list(changes.next)
    if any("is not known" in text for text in told) or not told:
        steps.append("Look at pact_diff for the pact, and at the commits of the provider.")
    return steps


def _only_what_was_sent(result: Resource) -> Answer:
    """Return what the verifier sent, where the broker tells no more: it is of a service contract."""
    state = result.state
    if "success" not in state:
        raise ToolError(f"result: {result.url} is no result of a verification.")
    who = f"{quoted(state.get('providerName'))} {quoted(state.get('providerApplicationVersion'))}"
    if state["success"]:
        return Answer(f"It did not fail: {who} passed.", links={"result": result.url})
    tests = state.get("testResults")
    tests = tests.get("tests", tests) if isinstance(tests, dict) else tests
    failed = [test for test in tests if not _passed(test)] if isinstance(tests, list) else []
    return Answer(
        f"{who} failed. The broker does not tell since when, and which change brought it is not known.",
        {"failed": page_of(failed, 1)} if failed else {"test_results": tests},
        links={"result": result.url},
    )


def _passed(test: Any) -> bool:
    return isinstance(test, dict) and (test.get("success") is True or test.get("status") == "passed")
