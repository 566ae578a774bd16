"""The description of a view: what it takes and answers, who may use it, and which links lead to it."""

from collections.abc import Callable
from dataclasses import field
from typing import TypedDict

from broker.settings.settings import Settings
from broker.web.content_types import HAL, JSON
from broker.web.description.needs import READS, Needs
from broker.web.description.notation import TEXT, Schema
from tally.values import dataclass


@dataclass(frozen=True)
class QueryParameter:
    """A parameter of the query string."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: TEXT)


@dataclass(frozen=True)
class ApiOperation:
    """What a view takes and answers. Schemas are named; `broker/web/description` has them."""

    summary: str = ""
    """What the view does, in a line: the first one of its docstring."""
    answers: str | None = None
    """Schema of the body when all is well; None for no body."""
    statuses: tuple[int, ...] = (200,)
    """What the view answers with that body when all is well."""
    types: tuple[str, ...] = (HAL,)
    """Content types of the answer. A text needs no schema."""
    also: tuple[tuple[int, str | None], ...] = ()
    """Other statuses, with the schemas of their bodies; None for no body."""
    refuses: tuple[int, ...] = ()
    """Statuses of refusals that only some views give: 403, 404, 409, 422."""
    takes: str | None = None
    """Schema of the request body; None for no body."""
    takes_types: tuple[str, ...] = (JSON,)
    takes_nothing_too: bool = False
    """Whether the body may be left out."""
    most_bytes: int = 0
    """Bytes of the body at most; 0 for as many as the settings allow."""
    query: tuple[QueryParameter, ...] = ()
    needs: Needs = READS
    """What somebody must be allowed to do. A view that is no GET always says it."""
    public_if: Callable[[Settings], bool] | None = None
    """Whether the settings open the view to everybody; None for never."""


class Description(TypedDict, total=False):
    """What a view says in its decorator: the fields of an ApiOperation, other than the summary."""

    answers: str | None
    statuses: tuple[int, ...]
    types: tuple[str, ...]
    also: tuple[tuple[int, str | None], ...]
    refuses: tuple[int, ...]
    takes: str | None
    takes_types: tuple[str, ...]
    takes_nothing_too: bool
    most_bytes: int
    query: tuple[QueryParameter, ...]
    needs: Needs
    public_if: Callable[[Settings], bool] | None


@dataclass(frozen=True)
class Relation:
    """A relation of the API: what its link leads to, and the route, if it is the same one everywhere."""

    name: str
    """With its prefix: "pb:environments"."""
    help: str
    """What the link is for. What can be done there comes from the views of the route."""
    route: str = ""
    title: str = ""
    """The title of the link in the index; without one the index has no such link."""
    index_route: str = ""
    """The route that the index has, where that is another one."""
    with_accounts: bool = False
    """Whether the index has it only once there are accounts."""

    @property
    def bare_name(self) -> str:
        """The name without the prefix, by which its help is found."""
        return self.name.rpartition(":")[2]
