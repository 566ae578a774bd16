"""A resource of the API: its views say what they take and answer, and who may use them.

The description of the API, the permissions, the index and the help pages are made of what is said here.
"""

from collections.abc import Callable
from typing import Any, TypeVar, Unpack

from flask import Blueprint

from broker.web.description.operation import ApiOperation, Description, Relation
from broker.web.routes import rule

View = TypeVar("View", bound=Callable[..., Any])


class ApiResource:
    """A blueprint with the operations of its views, by their name in the blueprint, and its relations.

    Views name their routes, which are in `broker/web/routes.py`.
    """

    def __init__(self, name: str, import_name: str) -> None:
        self.blueprint = Blueprint(name, import_name)
        self.operations: dict[str, ApiOperation] = {}
        self.relations: list[Relation] = []

    def get(self, *routes: str, extension: str = "", **said: Unpack[Description]) -> Callable[[View], View]:
        """Decorate a view that answers GET."""
        return self.view(*routes, methods=("GET",), extension=extension, **said)

    def post(self, *routes: str, **said: Unpack[Description]) -> Callable[[View], View]:
        """Decorate a view that answers POST."""
        return self.view(*routes, methods=("POST",), **said)

    def put(self, *routes: str, **said: Unpack[Description]) -> Callable[[View], View]:
        """Decorate a view that answers PUT."""
        return self.view(*routes, methods=("PUT",), **said)

    def patch(self, *routes: str, **said: Unpack[Description]) -> Callable[[View], View]:
        """Decorate a view that answers PATCH."""
        return self.view(*routes, methods=("PATCH",), **said)

    def delete(self, *routes: str, **said: Unpack[Description]) -> Callable[[View], View]:
        """Decorate a view that answers DELETE, with 204 unless it says what it answers."""
        if "answers" not in said:
            said.setdefault("statuses", (204,))
        return self.view(*routes, methods=("DELETE",), **said)

    def view(
        self,
        *routes: str,
        methods: tuple[str, ...],
        name: str = "",
        extension: str = "",
        **said: Unpack[Description],
    ) -> Callable[[View], View]:
        """Decorate a view of several routes or methods.

        A view that is not for GET alone says what it `needs`: otherwise the broker does not start.

        *name* is that of the view in the blueprint, where it is not that of the function. Each path may end
        with the *extension* as well: ".svg".
        """
        if "needs" not in said and methods != ("GET",):
            raise TypeError(f"the view of {', '.join(routes)} does not say what permission it needs")

        def add(view: View) -> View:
            endpoint = name or view.__name__
            summary = (view.__doc__ or "").partition("\n")[0].rstrip(".")
            self.operations[endpoint] = ApiOperation(summary, **said)
            for path in map(rule, reversed(routes)):
                for ending in (extension, "") if extension else ("",):
                    self.blueprint.add_url_rule(path + ending, endpoint, view, methods=[*methods])
            return view

        return add

    def relation(  # noqa: PLR0913 - the fields of a Relation
        self,
        name: str,
        text: str,
        route: str = "",
        *,
        title: str = "",
        index_route: str = "",
        with_accounts: bool = False,
    ) -> None:
        """Say what a relation means, and under which title it is in the index, if it is."""
        self.relations.append(Relation(name, text, route, title, index_route, with_accounts))
