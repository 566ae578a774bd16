"""Lists of pacts by tag and branch, and deleting what such a list has (reference §4.9)."""

from broker.domain.accounts.permissions import Action
from broker.domain.pacts.filter import PactFilter
from broker.services.pacts import lists
from broker.web.api.pacts.documents import represent_remaining
from broker.web.api.pacts.lists import represent_between, represent_of_provider
from broker.web.context import links, now, reading, transaction
from broker.web.description.needs import Needs
from broker.web.hal import Hal
from broker.web.resource import ApiResource
from tally.values import dataclass

api = ApiResource("filtered_pact_lists", __name__)
api.relation(
    "pb:tagged-pact-versions",
    "The pacts of a pair, of versions with a tag.",
    "tagged-pact-versions",
    title="Pacts of a pair, of versions with a tag",
)
api.relation(
    "pb:branch-pact-versions",
    "The pacts of a pair, of a branch.",
    "branch-pact-versions",
    title="Pacts of a pair, of a branch",
)
api.relation(
    "pb:latest-branch-pact-versions",
    "The latest pact of a pair on a branch.",
    "latest-branch-pact-versions",
    title="Latest pact of a pair, of a branch",
)
api.relation(
    "pb:main-branch-pact-versions",
    "The pacts of a pair, of the consumer's main branch.",
    "main-branch-pact-versions",
    title="Pacts of a pair, of the consumer's main branch",
)
api.relation(
    "pb:latest-main-branch-pact-versions",
    "The latest pact of a pair on the consumer's main branch.",
    "latest-main-branch-pact-versions",
    title="Latest pact of a pair, of the consumer's main branch",
)
api.relation(
    "pb:provider-pacts-with-tag",
    "All pacts with a provider, of versions with a tag.",
    "provider-pacts-with-tag",
    title="All pacts by provider, of versions with a tag",
)
api.relation(
    "pb:provider-pacts-with-branch",
    "All pacts with a provider, of a branch.",
    "provider-pacts-with-branch",
    title="All pacts by provider, of a branch",
)
api.relation(
    "pb:provider-pacts-with-main-branch",
    "All pacts with a provider, of the main branches of its consumers.",
    "provider-pacts-with-main-branch",
    title="All pacts by provider, of the consumers' main branches",
)
api.relation(
    "pb:latest-provider-pacts-with-branch",
    "The latest pact on a branch of each consumer of a provider.",
    "latest-provider-pacts-with-branch",
    title="Latest pacts by provider, of a branch",
)
api.relation(
    "pb:latest-provider-pacts-with-main-branch",
    "The latest pact on the main branch of each consumer of a provider.",
    "latest-provider-pacts-with-main-branch",
    title="Latest pacts by provider, of the consumers' main branches",
)


@dataclass(frozen=True)
class _List:
    """What a route lists; *title* says it, with the names in the path."""

    route: str
    title: str
    main_branch: bool = False
    latest: bool = False

    def which(self, tag: str | None = None, branch: str | None = None) -> PactFilter:
        """Return the filter, with the tag or the branch in the path."""
        return PactFilter(tag, branch, main_branch=self.main_branch, latest=self.latest)

    def itself(self, **values: str) -> Hal:
        """Return the link to the list."""
        return links().to(self.route, self.title.format_map(values), **values)


@dataclass(frozen=True)
class _ListOfPair(_List):
    """Pacts between a consumer and a provider; *prefix* is that of the relations."""

    prefix: str = ""

    def show(self, provider: str, consumer: str, **named: str) -> Hal:
        """List pacts between a consumer and a provider."""
        with reading() as storage:
            found = lists.between(storage, provider, consumer, self.which(**named))
        pair = {"provider": provider, "consumer": consumer}
        return represent_between(pair, found, self.itself(**pair, **named), links(), prefix=self.prefix)

    def delete(self, provider: str, consumer: str, **named: str) -> Hal:
        """Remove the pacts that the list has, and tell where the latest of the others is."""
        with transaction() as storage:
            latest = lists.delete_between(storage, provider, consumer, self.which(**named), now=now())
        return represent_remaining(latest, links())


class _ListOfProvider(_List):
    """Pacts with a provider."""

    def show(self, provider: str, **named: str) -> Hal:
        """List pacts with a provider."""
        with reading() as storage:
            found = lists.of_provider(storage, provider, self.which(**named))
        return represent_of_provider(provider, found, self.itself(provider=provider, **named), links())


_OF_PAIRS = (
    _ListOfPair(
        "tagged-pact-versions", "Pacts between {consumer} and {provider} with the tag {tag}", prefix="pb:"
    ),
    _ListOfPair("branch-pact-versions", "Pacts between {consumer} and {provider} on the branch {branch}"),
    _ListOfPair(
        "latest-branch-pact-versions",
        "Latest pact between {consumer} and {provider} on the branch {branch}",
        latest=True,
    ),
    _ListOfPair(
        "main-branch-pact-versions",
        "Pacts between {consumer} and {provider} on the main branch",
        main_branch=True,
    ),
    _ListOfPair(
        "latest-main-branch-pact-versions",
        "Latest pact between {consumer} and {provider} on the main branch",
        main_branch=True,
        latest=True,
    ),
)
_OF_PROVIDERS = (
    _ListOfProvider("provider-pacts-with-tag", "All pacts with {provider}, tagged {tag}"),
    _ListOfProvider("provider-pacts-with-branch", "All pacts with {provider} on the branch {branch}"),
    _ListOfProvider(
        "latest-provider-pacts-with-branch",
        "Latest pacts with {provider} on the branch {branch}",
        latest=True,
    ),
    _ListOfProvider(
        "provider-pacts-with-main-branch",
        "All pacts with {provider} on the consumers' main branches",
        main_branch=True,
    ),
    _ListOfProvider(
        "latest-provider-pacts-with-main-branch",
        "Latest pacts with {provider} on the consumers' main branches",
        main_branch=True,
        latest=True,
    ),
)


@api.view(
    "all-pact-versions",
    methods=("DELETE",),
    name="delete-all-pact-versions",
    statuses=(204,),
    needs=Needs(Action.DELETE, "consumer"),
)
def delete_all_between(provider: str, consumer: str) -> tuple[str, int]:
    """Remove every pact between a consumer and a provider."""
    with transaction() as storage:
        lists.delete_between(storage, provider, consumer, PactFilter(), now=now())
    return "", 204


for _pairs in _OF_PAIRS:
    api.view(_pairs.route, methods=("GET",), name=_pairs.route, answers="PactsOfPair")(_pairs.show)
    api.view(
        _pairs.route,
        methods=("DELETE",),
        name=f"delete-{_pairs.route}",
        answers="DeletedPact",
        needs=Needs(Action.DELETE, "consumer"),
    )(_pairs.delete)
for _providers in _OF_PROVIDERS:
    api.view(_providers.route, methods=("GET",), name=_providers.route, answers="PactsOfProvider")(
        _providers.show
    )
