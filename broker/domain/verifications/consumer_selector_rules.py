"""Rules for selectors of consumer versions (Pact Broker reference §6.2)."""

from collections.abc import Collection, Mapping

from broker.domain.names import did_you_mean
from broker.domain.verifications.consumer_selectors import ConsumerVersionSelector

# The fields that say which versions are meant, and those that ask for what is in an environment.
_OF_THE_SOURCE = (
    "latest",
    "tag",
    "fallback_tag",
    "branch",
    "fallback_branch",
    "matching_branch",
    "main_branch",
)
_IN_ENVIRONMENTS = ("deployed", "released", "deployed_or_released")
_ONLY_TRUE = ("main_branch", "matching_branch", *_IN_ENVIRONMENTS)

FIELDS = tuple(
    first + "".join(word.capitalize() for word in rest)
    for first, *rest in (name.split("_") for name in ConsumerVersionSelector.__dataclass_fields__)
)
"""The names of the fields in JSON, in the order of those of the class."""
_NAME_OF = dict(zip(ConsumerVersionSelector.__dataclass_fields__, FIELDS, strict=True))


def broken_rules(
    selector: ConsumerVersionSelector, *, provider_branch: str | None, environments: Collection[str]
) -> list[str]:
    """Return what is wrong with the selector; nothing when it can be used."""
    given = {name: value for name, value in vars(selector).items() if value is not None}
    broken = [f"{_NAME_OF[name]} can only be true" for name in _ONLY_TRUE if given.get(name) is False]
    broken += _of_one_kind(given, provider_branch)
    broken += _of_combinations(given)
    environment = selector.environment
    if environment is not None and environment not in environments:
        broken.append(f"environment '{environment}' does not exist{did_you_mean(environment, environments)}")
    return broken


def _of_one_kind(given: Mapping[str, object], provider_branch: str | None) -> list[str]:
    others = set(given) - {"consumer"}
    rules = (
        (
            not any(given[name] is not False for name in others),
            "must say which versions: mainBranch, branch, tag, latest, deployed, environment …",
        ),
        (
            "main_branch" in given and bool(others - {"main_branch", "latest"}),
            "mainBranch can only be combined with consumer and latest",
        ),
        (
            "matching_branch" in given and len(others) > 1,
            "matchingBranch can only be combined with consumer",
        ),
        ("matching_branch" in given and not provider_branch, "matchingBranch needs providerVersionBranch"),
        (
            "fallback_tag" in given and not (given.get("latest") and "tag" in given),
            "fallbackTag needs tag and latest",
        ),
        ("fallback_branch" in given and "branch" not in given, "fallbackBranch needs branch"),
        (
            given.get("latest") is False and bool({"branch", "main_branch"} & others),
            "latest cannot be false for a branch: only its head is verified",
        ),
    )
    return [message for broken, message in rules if broken]


def _of_combinations(given: Mapping[str, object]) -> list[str]:
    of_the_source = [_NAME_OF[name] for name in _OF_THE_SOURCE if given.get(name)]
    in_environments = [_NAME_OF[name] for name in _IN_ENVIRONMENTS if given.get(name)]
    broken = []
    if "tag" in given and "branch" in given:
        broken.append("can have a tag or a branch, not both")
    if of_the_source and (in_environments or "environment" in given):
        broken.append("cannot combine what is in an environment with " + ", ".join(of_the_source))
    if len(in_environments) > 1:
        broken.append("can only have one of " + ", ".join(in_environments))
    return broken
