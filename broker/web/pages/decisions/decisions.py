"""The page that says whether a version can be deployed."""

from collections.abc import Mapping, Sequence

from flask import Response, request

from broker.domain.decisions.can_i_deploy import Question
from broker.domain.errors import MatrixSelectorError, ValidationError
from broker.services.decisions import decision_page
from broker.services.decisions.decide import Explaining
from broker.services.environments import environments
from broker.web import query
from broker.web.api.decisions import matrix
from broker.web.context import links, reading
from broker.web.pages.decisions import decision_form, decision_links, decision_table
from broker.web.pages.decisions.decision_links import DecisionLinks
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import local, local_links, render
from broker.web.query import Query
from broker.web.routes import rule


@blueprint.get(rule("can-i-deploy"))
def can_i_deploy() -> Response:
    """Show the answer, what stands in the way, and the contracts that hold; without a question, the form."""
    query_string = request.query_string.decode("utf-8", "replace")
    asked = query.parse(query_string)
    if decision_form.is_filled_in(asked):
        with reading() as storage:
            kind = decision_page.kind_of(
                storage, asked.values.get("pacticipant", ""), asked.values.get("which", "")
            )
        found = decision_form.address(asked, query_string, kind)
        return Response(status=303, headers={"Location": f"{local('can-i-deploy')}?{found}"})
    if decision_form.is_begun(asked):
        return _form(asked, query_string)
    try:
        question = decision_form.read(asked)
        return _as_asked_for(question) or _answer(question, asked, query_string)
    except MatrixSelectorError as error:
        return _form(asked, query_string, {error.field: error.errors})
    except ValidationError as error:
        return _form(asked, query_string, error.errors)


def _as_asked_for(question: Question) -> Response | None:
    """Return what `?format=` asks for: the rows, or as JSON all that the API answers."""
    table = decision_table.of_rows(links())
    if table.asked_format() == "json":
        return matrix.answer(question)
    if table.asked_format() is None:
        return None
    return table.download(decision_table.rows(matrix.decided(question).decision))


def _form(asked: Query, query_string: str, errors: Mapping[str, Sequence[str]] | None = None) -> Response:
    with reading() as storage:
        names = [environment.name for environment in environments.named(storage, None)]
    form = decision_form.form(asked, query_string, names, errors or {})
    return render("can_i_deploy.html", status=400 if errors else 200, form=form, page=None)


def _answer(question: Question, asked: Query, query_string: str) -> Response:
    found = matrix.decided(question, Explaining.WHAT_THERE_IS)
    missing = decision_page.missing(found)
    near = None
    if missing is not None:
        with reading() as storage:
            near = decision_page.near(storage, missing)
    names = [environment.name for environment in found.environments.values()]
    form = decision_form.form(asked, query_string, names, {})
    return render(
        "can_i_deploy.html",
        form=form,
        page=decision_page.page(question, found),
        question=question,
        near=near,
        command=decision_links.command(question),
        badge=decision_links.badge(question, found, local_links()),
        matrix=f"{local('matrix')}?{decision_links.matrix_query(question)}",
        without_ignored=f"?{decision_form.without_ignored(query_string)}",
        about=DecisionLinks(decision_links.places(found), local_links(), links()),
    )
