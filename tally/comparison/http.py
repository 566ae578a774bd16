"""An HTTP interaction of a pact against the operations of a service contract."""

from tally.comparison.operations import CompiledContract
from tally.comparison.recording import PactRecorder
from tally.comparison.requests import PATH_UNKNOWN, RequestComparison
from tally.comparison.responses import ResponseComparison
from tally.comparison.routing import Route
from tally.comparison.statuses import statuses_of
from tally.pact import HttpInteraction
from tally.service_contract.model import HttpOperation, OperationResponse

_ERROR = 400


def compare_http(contract: CompiledContract, interaction: HttpInteraction, recorder: PactRecorder) -> None:
    """Record what is found about one interaction."""
    request = interaction.request
    routes = list(contract.router.routes(request.method, request.path))
    if not routes:
        _no_route(contract, interaction, recorder)
        return
    route = _chosen(contract, routes, interaction, recorder)
    operation = contract.operation(route)
    recorder.document_name = route.operation.document or None
    is_error = statuses_of(interaction.response)[0] >= _ERROR
    of_request = RequestComparison(operation, interaction, recorder, lenient=is_error)
    of_request.compare(route.parameters)
    of_response = ResponseComparison(operation, interaction, recorder)
    of_response.compare()
    declared = of_response.declared
    if is_error and declared is not None and not (of_request.is_wrong or interaction.states):
        _explained(route.operation, declared, recorder)


def _explained(operation: HttpOperation, declared: OperationResponse, recorder: PactRecorder) -> None:
    """Record that nothing says why the answer is an error: the document names no such error by its status."""
    if declared.error or operation.errors or declared.status.isdigit():
        return
    text = f"Nothing says why the answer is an error: no provider state, and of {declared.status} no reason."
    recorder.inform(
        "response.error.unexplained", pact=("response", "status"), document=declared.pointer, text=text
    )


def _chosen(
    contract: CompiledContract, routes: list[Route], interaction: HttpInteraction, recorder: PactRecorder
) -> Route:
    """Return the first route whose path parameters may have these values, or else the first."""
    if len(routes) == 1:
        return routes[0]
    for route in routes:
        trial = RequestComparison(contract.operation(route), interaction, recorder, lenient=True)
        trial.compare_path(route.parameters)
        if not trial.is_wrong:
            return route
    return routes[0]


def _no_route(contract: CompiledContract, interaction: HttpInteraction, recorder: PactRecorder) -> None:
    request = interaction.request
    misses = contract.router.near_misses(request.method, request.path)
    closest = "; the closest are " + ", ".join(miss.text for miss in misses) if misses else ""
    if misses:
        recorder.document_name = misses[0].operation.document or None
    recorder.error(
        PATH_UNKNOWN,
        pact=("request", "path"),
        document=misses[0].operation.pointer if misses else "",
        text=f"The document has no operation {request.method.upper()} {request.path}{closest}.",
    )
