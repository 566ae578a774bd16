"""Names of the broker's things: one that it does not know is refused, with those that are near."""

import difflib
from collections.abc import Iterable
from typing import Any

from tally.assistants.answers import ToolError, listed, quoted
from tally.broker_client import BrokerClient, Resource
from tally.errors import ResourceNotFoundError

_MOST_COMPARED = 300
"""Names that are compared: the newest versions, or the branches that changed last."""
_NEAR = 3
_SHORT_COMMIT = 4
"""Characters that git wants at least of an abbreviated commit."""


def application(broker: BrokerClient, name: str, field: str) -> Resource:
    """Return the application. Raises ToolError that names the *field* and the nearest names."""
    try:
        return broker.follow(broker.index(), "pb:pacticipant", pacticipant=name)
    except ResourceNotFoundError as error:
        listed = broker.follow(broker.index(), "pb:pacticipants").embedded("pacticipants")
        known = [item["name"] for item in listed]
        what = f"The broker knows no application {quoted(name)}"
        raise ToolError(_unknown(field, what, name, known)) from error


def version(broker: BrokerClient, pacticipant: str, number: str, field: str) -> Resource:
    """Return the version. Raises ToolError as `application` does; that names *field* of the version."""
    try:
        return broker.follow(
            broker.index(), "pb:pacticipant-version", pacticipant=pacticipant, version=number
        )
    except ResourceNotFoundError as error:
        owner = application(broker, pacticipant, "pacticipant")
        known = [item["number"] for item in _newest(broker, owner)]
        what = f"{quoted(pacticipant)} has no version {quoted(number)}"
        raise ToolError(_unknown(field, what, number, known)) from error


def head(broker: BrokerClient, pacticipant: str, branch: str) -> Resource:
    """Return the version that was added to the branch last. Raises ToolError as `application` does."""
    try:
        found = broker.follow(broker.index(), "pb:pacticipant-branch", pacticipant=pacticipant, branch=branch)
    except ResourceNotFoundError as error:
        owner = application(broker, pacticipant, "pacticipant")
        params = [("pageSize", str(_MOST_COMPARED))]
        listed = broker.get(owner.link("pb:branches").expand(), params=params)
        known = [item["name"] for item in listed.embedded("branches")]
        what = f"{quoted(pacticipant)} has no branch {quoted(branch)}"
        raise ToolError(_unknown("branch", what, branch, known)) from error
    try:
        return broker.follow(found, "pb:latest-version")
    except ResourceNotFoundError as error:
        raise ToolError(f"branch: no version of {quoted(pacticipant)} is on {quoted(branch)}.") from error


def main_head(broker: BrokerClient, pacticipant: str) -> Resource:
    """Return the newest version of the main branch. Raises ToolError where none is known."""
    owner = application(broker, pacticipant, "pacticipant")
    branch = owner.state.get("mainBranch")
    if not branch:
        raise ToolError(
            f"The broker does not know the main branch of {quoted(pacticipant)}. Name a version or a branch."
        )
    return head(broker, pacticipant, branch)


def newest_tagged(broker: BrokerClient, pacticipant: str, tag: str) -> Resource:
    """Return the newest version with the tag. Raises ToolError as `application` does."""
    try:
        return broker.follow(broker.index(), "pb:latest-tagged-version", pacticipant=pacticipant, tag=tag)
    except ResourceNotFoundError as error:
        owner = application(broker, pacticipant, "pacticipant")
        tags = (each for item in _newest(broker, owner) for each in item["_embedded"].get("tags") or ())
        what = f"No version of {quoted(pacticipant)} has the tag {quoted(tag)}"
        raise ToolError(_unknown("tag", what, tag, [each["name"] for each in tags])) from error


def environment(broker: BrokerClient, name: str) -> Resource:
    """Return the environment. Raises ToolError with the names that there are."""
    listed = broker.follow(broker.index(), "pb:environments")
    by_name = {item["name"]: item for item in listed.embedded("environments")}
    if name not in by_name:
        raise ToolError(_unknown("environment", f"There is no environment {quoted(name)}", name, by_name))
    return Resource(listed.url, listed.status, by_name[name])


def _newest(broker: BrokerClient, owner: Resource) -> list[dict[str, Any]]:
    params = [("pageSize", str(_MOST_COMPARED))]
    return broker.get(owner.link("pb:versions").expand(), params=params).embedded("versions")


def _unknown(field: str, what: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence: the names that are near, or else the first of those that there are."""
    names = list(dict.fromkeys(known))
    if not names:
        return f"{field}: {what}. The broker has none yet."
    by_lower_case = {other.lower(): other for other in names}
    near = _near(name.lower()[:255], list(by_lower_case))
    if near:
        return f"{field}: {what}. Did you mean {' or '.join(quoted(by_lower_case[each]) for each in near)}?"
    return f"{field}: {what}. There {'is' if len(names) == 1 else 'are'} {listed(names)}."


def _near(name: str, known: list[str]) -> list[str]:
    """Return the name itself in other letters, those that begin with it, such as commits, or those alike."""
    if name in known:
        return [name]
    longer = [other for other in known if other.startswith(name)] if len(name) >= _SHORT_COMMIT else []
    return longer[:_NEAR] or difflib.get_close_matches(name, known, n=_NEAR, cutoff=0.5)
