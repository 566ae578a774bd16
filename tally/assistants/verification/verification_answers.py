"""What a run of `tally verify` brought, as an answer: counts, and failures with their mismatches."""

from collections.abc import Mapping, Sequence
from typing import Any

from tally.assistants.answers import Answer, ToolError, page_of, quoted

_MISMATCHES = 10
"""Of one interaction: more of them have the same cause."""
_LONGEST_REASON = 1_000
_PARAMETERS = {
    "--provider-url": "provider_url",
    "--state-change-url": "states_url",
    "--message-url": "messages_url",
    "--filter-consumer": "consumer",
    "--service-contract": "service_contract",
    "--total-timeout": "time_limit",
    "--provider": "provider",
}
"""What the options of the command are called here; `--provider` last, because others begin with it."""
_FAILED = ("failed", "flaky")
_NO_STATES = "nothing sets them up"


def answer_of(
    report: Mapping[str, Any], provider_url: str, command: str, *, origins: Mapping[str, str], page: int
) -> Answer:
    """Return the answer. *origins* says where the pact in a file comes from.

    Raises ToolError when nothing was verified, such as when a filter matches nothing.
    """
    if "error" in report:
        raise ToolError(
            "Nothing was verified. This is what `tally verify` says, with names from contracts in it: "
            f"{quoted(_in_parameters(report['error']), _LONGEST_REASON)}"
        )
    results = [(contract, result) for contract in report["contracts"] for result in contract["results"]]
    counts = {name: number for name, number in report["summary"].items() if number}
    failures = [
        _failure(contract, result, origins) for contract, result in results if result["outcome"] != "passed"
    ]
    shown = page_of(failures, page, 10)
    contracts = [_contract(contract, origins) for contract in report["contracts"]]
    data: dict[str, Any] = {"counts": counts, "contracts": contracts}
    if failures:
        data["failures"] = shown
    if report["budgets"]:
        data["limits"] = report["budgets"]
    for name in ("problems", "warnings"):
        if report[name]:
            data[name] = [_in_parameters(text) for text in report[name]]
    return Answer(
        _summary(report, counts, f"the provider at {quoted(provider_url)}"),
        data,
        next=_next_steps(report, results, command),
        links={
            f"pact of {quoted(contract['consumer'])}": origins[contract["source"]]
            for contract in report["contracts"]
            if contract["source"] in origins
        },
    )


def _summary(report: Mapping[str, Any], counts: Mapping[str, int], provider: str) -> str:
    total, failed = sum(counts.values()), sum(counts.get(name, 0) for name in _FAILED)
    contracts = len(report["contracts"])
    what = f"{_number(total, 'interaction')} of {_number(contracts, 'contract')}"
    unchecked = counts.get("not-checked", 0)
    rest = f" {unchecked} of them could not be checked." if unchecked else ""
    if failed:
        return f"No: {provider} breaks {failed} of {what}.{rest}"
    exceeded = sum(budget["exceeded"] for budget in report["budgets"])
    if exceeded:
        return f"No: {provider} keeps {what}, but exceeds {_number(exceeded, 'limit')} of its contract.{rest}"
    if report["passed"]:
        return f"Yes: {provider} keeps {'all ' if total > 1 else ''}{what}."
    return f"It is not known whether {provider} keeps {what}.{rest}"


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _contract(contract: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, Any]:
    results = contract["results"]
    return {
        "consumer": contract["consumer"],
        "provider": contract["provider"],
        "source": _source(contract, origins),
        "interactions": len(results),
        "passed": sum(result["outcome"] == "passed" for result in results),
    }


def _source(contract: Mapping[str, Any], origins: Mapping[str, str]) -> str:
    source = str(contract["source"])
    return origins.get(source, source)


def _failure(
    contract: Mapping[str, Any], result: Mapping[str, Any], origins: Mapping[str, str]
) -> dict[str, Any]:
    request, response = result["request"] or {}, result["response"] or {}
    mismatches = result["mismatches"]
    more = len(mismatches) - _MISMATCHES
    found = {
        "consumer": contract["consumer"],
        "interaction": result["description"],
        "states": [state["name"] for state in result["states"]],
        "outcome": result["outcome"],
        "request": f"{request['method']} {request['url']}" if request else None,
        "response_status": response.get("status"),
        "why": _in_parameters(result["problem"]) if result["problem"] else None,
        "mismatches": [_mismatch(each) for each in mismatches[:_MISMATCHES]],
        "more_mismatches": more if more > 0 else None,
        "pact": _source(contract, origins),
    }
    return {name: value for name, value in found.items() if value not in (None, [])}


def _mismatch(mismatch: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "part": mismatch["attribute"],
        "where": mismatch["identifier"],
        "expected": mismatch["expected"],
        "actual": mismatch["actual"],
        "says": mismatch["description"],
    }


def _next_steps(
    report: Mapping[str, Any], results: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], command: str
) -> list[str]:
    kinds = {result["failure"] for _, result in results if result["failure"]}
    steps = []
    if "mismatch" in kinds:
        steps.append(
            "Compare expected with actual in each mismatch: change the provider, or agree on the pact."
        )
    if "provider-state" in kinds or any(_NO_STATES in text for text in report["warnings"]):
        steps.append("Provider states are not set up: give states_url, and see that it knows their names.")
    if "unsupported" in kinds:
        steps.append("What cannot be checked here, such as what needs a plugin, `tally verify` may check.")
    if "not-replayed" in kinds:
        steps.append("The time was over: raise time_limit, or verify a part (consumer, description, state).")
    steps.append(f"To repeat it in a terminal: {command}")
    steps.append("Nothing was published. CI publishes results: tally verify --publish --provider-version …")
    return steps


def _in_parameters(text: str) -> str:
    for option, parameter in _PARAMETERS.items():
        text = text.replace(option, parameter)
    return text
