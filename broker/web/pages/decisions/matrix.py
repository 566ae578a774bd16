"""The pages of the matrix: which versions go together, as a grid and as a table."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from broker.domain.decisions import answers
from broker.domain.decisions.can_i_deploy import Question
from broker.domain.decisions.heat_map import marks
from broker.domain.decisions.matrix import Verdict
from broker.domain.errors import MatrixSelectorError, ValidationError
from broker.domain.pagination import Page, PartOfList
from broker.services.decisions import matrix_page
from broker.services.decisions.decide import Explaining
from broker.services.decisions.matrix_page import MatrixPage
from broker.services.pacticipants import pacticipants
from broker.web import query
from broker.web.api.decisions import matrix as api
from broker.web.api.decisions import matrix_query
from broker.web.context import links, reading
from broker.web.pages.decisions import decision_links, decision_table, matrix_form
from broker.web.pages.decisions.decision_links import RowLinks
from broker.web.pages.page import blueprint, page_number
from broker.web.pages.rendering import local, local_links, render
from broker.web.query import Query
from broker.web.routes import rule
from tally.amounts import counted

ROWS = 20
_OF_PAGE = {"page", "format", "consumerFrom", "providerFrom"}
"""Parameters that the page of a pair has besides those of the API."""
_CHOICES = {
    "kinds": matrix_form.KINDS,
    "targets": matrix_form.TARGETS,
    "latest_by": matrix_form.LATEST_BY,
    "results": matrix_form.RESULTS,
}


@blueprint.get(rule("matrix"))
def matrix() -> Response:
    """Show the rows that the selectors select; without any, the form."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    if matrix_form.is_filled_in(asked):
        return Response(status=303, headers={"Location": f"{local('matrix')}?{matrix_form.address(asked)}"})
    if not asked.values.keys() - {"format"} and not asked.objects and not asked.lists:
        return _form(asked)
    try:
        question = matrix_query.read(asked)
        return _answer(question, asked)
    except MatrixSelectorError as error:
        return _form(asked, {error.field: error.errors})
    except ValidationError as error:
        return _form(asked, error.errors)


@blueprint.get(rule("matrix-of-pair"))
def matrix_of_pair(provider: str, consumer: str) -> Response:
    """Show which versions of two applications go together; what is asked besides, the API answers."""
    asked = query.parse(request.query_string.decode("utf-8", "replace"))
    if {*asked.lists, *asked.objects} - _OF_PAGE:
        question = matrix_query.of_pair(asked, consumer, provider)
        with reading() as storage:
            pacticipants.find(storage, provider, "provider")
            pacticipants.find(storage, consumer, "consumer")
        return _answer(question, asked, (consumer, provider))
    with reading() as storage:
        page = matrix_page.of_pair(
            storage,
            consumer,
            provider,
            consumer_from=asked.values.get("consumerFrom"),
            provider_from=asked.values.get("providerFrom"),
        )
    return _download(page) or _render(
        "matrix_of_pair.html",
        page,
        pair=(consumer, provider),
        summary=_summary(page),
        choose=urlencode(
            [("q[][pacticipant]", consumer), ("q[][pacticipant]", provider), ("latestby", "cvpv")]
        ),
        first=not {"consumerFrom", "providerFrom"} & asked.values.keys(),
    )


def _form(asked: Query, errors: Mapping[str, Sequence[str]] | None = None) -> Response:
    with reading() as storage:
        pairs = [] if errors else matrix_page.worst_pairs(storage)
    return render(
        "matrix.html",
        status=400 if errors else 200,
        standings=pairs,
        form=matrix_form.form(asked, None, errors),
        page=None,
        choices=_CHOICES,
    )


def _answer(question: Question, asked: Query, pair: tuple[str, str] | None = None) -> Response:
    found = api.decided(question, Explaining.VERSIONS)
    table = decision_table.of_rows(links())
    if table.asked_format():
        return table.download(decision_table.rows(found.decision)) or Response(status=400)
    page = matrix_page.of_decision(found)
    return _render(
        "matrix.html",
        page,
        decision_links.places(found),
        pair=pair,
        form=matrix_form.form(asked, question),
        question=question,
        answer=answers.answer(found.decision),
        sentence=answers.sentence(found.decision, question.target),
        reasons=found.decision.reasons,
        pairs=len({(row.consumer, row.provider) for row in (*page.rows, *page.ignored)}),
        choices=_CHOICES,
    )


def _render(
    template: str, page: MatrixPage, places: Mapping[int, Sequence[str]] | None = None, **values: Any
) -> Response:
    where = page.places if places is None else places
    rows, number = [*page.rows, *page.ignored], page_number()
    shown = rows[(number - 1) * ROWS : number * ROWS]
    return render(
        template,
        page=page,
        part=PartOfList(shown, len(rows), Page(number, ROWS)),
        about=RowLinks(where, local_links()),
        marks=marks(name for names in where.values() for name in names),
        branches={key: [branch.name for branch in found.branches] for key, found in page.details.items()},
        **values,
    )


def _summary(page: MatrixPage) -> str:
    """Return how many results there are, and how many failed."""
    failed = sum(row.verdict is Verdict.FAILED for row in page.rows)
    if not page.rows:
        return "No result yet"
    if not failed:
        return f"All {counted(len(page.rows), 'result')} of these versions are verified"
    return f"{failed} of {counted(len(page.rows), 'result')} of these versions failed"


def _download(page: MatrixPage) -> Response | None:
    return decision_table.of_rows(links()).download((row, False) for row in page.rows)
