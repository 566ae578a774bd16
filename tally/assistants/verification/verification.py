"""Verifying a provider that runs on the user's machine, while they change it."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from tally.assistants.answers import Answer, ToolError, quoted
from tally.assistants.names import application
from tally.assistants.sources.file_choice import pacts_of_provider
from tally.assistants.sources.paths import readable_file, readable_folders
from tally.assistants.sources.sources import Sources
from tally.assistants.verification.addresses import allowed_address
from tally.assistants.verification.verification_answers import answer_of
from tally.assistants.verification.verify_process import VerifyRun, temporary_folder
from tally.hashing import compact_json
from tally.values import dataclass

_SELECTORS: dict[str, tuple[dict[str, Any], ...]] = {
    "main": ({"mainBranch": True},),
    "deployed": ({"deployedOrReleased": True},),
    "newest": ({"latest": True},),
    "main and deployed": ({"mainBranch": True}, {"deployedOrReleased": True}),
}
_LONGEST_SECONDS = 600
LONGEST_CALL = _LONGEST_SECONDS + 60
"""Seconds, with the pacts fetched before, and the report read afterwards."""
_LONGEST_WORD = 2_000
_UNSPEAKABLE = re.compile(r"[\0-\x1f\x7f\ud800-\udfff]")
"""What a word of a command cannot have, or should not show in a terminal: control characters, half ones."""


@dataclass(frozen=True)
class _Contracts:
    """What is verified: the words of `tally verify` for now, and for a person who repeats it."""

    words: tuple[str, ...]
    repeated: tuple[str, ...]
    origins: dict[str, str]
    """Where the pact in each file comes from, by the path of the file."""


def verify_locally(  # noqa: PLR0913 - one for each thing that may be said, all named at the call
    sources: Sources,
    *,
    provider_url: Annotated[str, "Where the provider runs, such as http://localhost:8080."],
    provider: Annotated[str | None, "Name of the provider. Needed for pacts of the broker."] = None,
    pacts: Annotated[
        Literal["main", "deployed", "main and deployed", "newest", "files"] | None,
        "Which pacts: those of the consumers' main branches, of the versions that are deployed or released, "
        "both (the default where there is a broker), the newest whatever their branch, or those of --pacts.",
    ] = None,
    branch: Annotated[str | None, "Also the newest pacts of this branch of the consumers."] = None,
    service_contract: Annotated[
        str | None, "Path of a service contract (OpenAPI), whose examples are verified in place of pacts."
    ] = None,
    states_url: Annotated[
        str | None, "Address of the provider that sets provider states up: it receives POST {action, state}."
    ] = None,
    messages_url: Annotated[str | None, "Address of the provider that returns messages."] = None,
    consumer: Annotated[str | None, "Only the pacts of this consumer."] = None,
    description: Annotated[str | None, "Only interactions whose description has this text in it."] = None,
    state: Annotated[str | None, "Only interactions with a provider state that has this text in it."] = None,
    time_limit: Annotated[int, "Seconds after which no further interaction is begun, up to 600."] = 45,
    page: Annotated[int, "Which page of the failures; each page verifies again."] = 1,
) -> Answer:
    """Verify a provider that the user runs on this machine: replay pacts, or the examples of its contract.

    Call it after a change of the provider, or to see a failure of CI again. It sends the requests of the
    contracts to provider_url and asks states_url to set up data, so the provider's data may change: use a
    provider for tests, never one with data that matters. Only addresses of this machine are taken. It
    publishes nothing: that is for CI.
    """
    if not 1 <= time_limit <= _LONGEST_SECONDS:
        raise ToolError(f"time_limit: {time_limit} is not between 1 and {_LONGEST_SECONDS} seconds.")
    _check_texts(provider=provider, branch=branch, consumer=consumer, description=description, state=state)
    addresses = {
        f"--{option}": allowed_address(field, url, sources.allowed_providers)
        for field, option, url in (
            ("provider_url", "provider-url", provider_url),
            ("states_url", "state-change-url", states_url),
            ("messages_url", "message-url", messages_url),
        )
        if url is not None
    }
    words = [word for pair in addresses.items() for word in pair]
    words += _filters(consumer, description, state)
    if (service_contract or pacts == "files") and (branch or (service_contract and pacts)):
        raise ToolError("service_contract, files and pacts of the broker exclude each other: ask for one.")
    with temporary_folder() as name:
        folder = Path(name).resolve()
        if service_contract is not None:
            contracts = _of_service_contract(sources, service_contract, provider)
        elif pacts == "files" or (pacts is None and sources.asked is None and branch is None):
            contracts = _of_files(sources, provider)
        else:
            selectors = [*_SELECTORS[pacts or "main and deployed"], *([{"branch": branch}] if branch else [])]
            contracts = _of_broker(sources, provider, selectors, folder)
        report = VerifyRun((*words, *contracts.words), time_limit).report(folder)
    command = shlex.join(["tally", "verify", *contracts.repeated, *words])
    return answer_of(report, provider_url, command, origins=contracts.origins, page=page)


def _check_texts(**given: str | None) -> None:
    """Raise ToolError for a text that cannot be a word of a command."""
    for name, text in given.items():
        if text is not None and not text.strip():
            raise ToolError(f"{name} is empty: leave it out, or name something.")
        if text is not None and (len(text) > _LONGEST_WORD or _UNSPEAKABLE.search(text)):
            raise ToolError(f"{name}: at most {_LONGEST_WORD} characters, none of them a control character.")


def _filters(consumer: str | None, description: str | None, state: str | None) -> list[str]:
    """Return the filters as words; a text becomes a regular expression that finds just that."""
    given = {"filter-consumer": consumer, "filter-description": description, "filter-state": state}
    return [
        # `--option=value`: a text that begins with a hyphen is no option.
        f"--{name}={text if name == 'filter-consumer' else _pattern(text)}"
        for name, text in given.items()
        if text is not None
    ]


def _pattern(text: str) -> str:
    return "".join(f"\\{sign}" if sign in r"\.^$*+?{}[]|()" else sign for sign in text)


def _of_service_contract(sources: Sources, path: str, provider: str | None) -> _Contracts:
    from tally.service_contract.files import load_document  # noqa: PLC0415 - slow to load, and few ask for it

    file = readable_file(sources, "service_contract", path)
    load_document(file, within=readable_folders(sources))  # refused here if it refers to files elsewhere
    words = (f"--service-contract={file}", *([f"--provider={provider}"] if provider else []))
    return _Contracts(words, words, {})


def _of_files(sources: Sources, provider: str | None) -> _Contracts:
    paths = [str(path.resolve()) for path in sources.files.pact_paths]
    if not paths:
        raise ToolError(
            "pacts: `tally mcp` was started without files of pacts (--pacts PATH)."
            if sources.asked
            else "There is nothing to verify: give service_contract, or start `tally mcp` with --pacts."
        )
    if provider is not None:
        pacts_of_provider(sources.files, provider)  # raises for a name that none of them has
    words = tuple([f"--file={path}" for path in paths] + ([f"--provider={provider}"] if provider else []))
    return _Contracts(words, words, {})


def _of_broker(
    sources: Sources, provider: str | None, selectors: Sequence[dict[str, Any]], folder: Path
) -> _Contracts:
    """Fetch the pacts, so that `tally verify` needs no credentials, and could not publish if it wanted to."""
    broker = sources.broker
    if provider is None:
        raise ToolError("provider is missing: whose pacts are to be verified?")
    application(broker, provider, "provider")
    link = broker.index().link("pb:provider-pacts-for-verification")
    found = broker.post(link.expand(provider=provider), {"consumerVersionSelectors": list(selectors)})
    addresses = [str(entry["_links"]["self"]["href"]) for entry in found.embedded("pacts")]
    if not addresses:
        raise ToolError(
            f"The broker has no pact with {quoted(provider)} for {compact_json(list(selectors)).decode()}. "
            'Ask for others: pacts: "newest" takes those whose branch nobody has said.'
        )
    origins = {}
    for number, address in enumerate(addresses):
        file = folder / f"{number:04}.json"
        file.write_bytes(broker.content(address))
        origins[str(file)] = address
    chosen = [f"--consumer-version-selectors={compact_json(each).decode()}" for each in selectors]
    repeated = (f"--broker-base-url={broker.base_url}", f"--provider={provider}", *chosen)
    return _Contracts((*(f"--file={file}" for file in origins), f"--provider={provider}"), repeated, origins)
