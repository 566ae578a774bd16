"""A draft of a workflow from pacts: who calls whom, with which requests, from consumers to providers."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

import orjson

from tally.comparison.routing import Router
from tally.drafts.path_templates import read_path
from tally.json_schema.pointers import pointer
from tally.pact import HttpInteraction, Pact, Presence, Request
from tally.pact.bodies import is_json
from tally.service_contract.model import HttpOperation, ServiceContract
from tally.values import dataclass
from tally.workflows.passing_on import Known, KnownValue, with_values, without_expressions

_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 60
_ERROR = 400
_ORDER = ("POST", "PUT", "PATCH", "GET", "HEAD", "OPTIONS", "DELETE")
_OF_HTTP = frozenset({"accept", "content-type", "content-length", "host", "user-agent", "cookie"})
_CREDENTIALS = "authorization"
_TEMPLATE = re.compile(r"\{([^{}]*)\}")


def source_name(service: str) -> str:
    """Return the name of the source of a service: "Order Service" is order-service."""
    return _UNSAFE.sub("-", service).strip("-").lower() or "service"


def in_order(services: Sequence[str], pacts: Sequence[Pact]) -> list[Pact]:
    """Return the pacts from consumers to providers; where they go in a circle, as *services* are named."""
    waiting = sorted(pacts, key=lambda pact: (services.index(pact.consumer), services.index(pact.provider)))
    found: list[Pact] = []
    while waiting:
        called = {pact.provider for pact in waiting}
        first = next((pact for pact in waiting if pact.consumer not in called), waiting[0])
        waiting.remove(first)
        found.append(first)
    return found


def draft(
    services: Sequence[str],
    pacts: Sequence[Pact],
    contracts: Mapping[str, ServiceContract],
    files: Mapping[str, str],
) -> dict[str, Any]:
    """Return an Arazzo document with a workflow through *services*.

    *contracts* are those that are known, *files* the names of the documents, both by service. What a person
    has to decide is under `x-contract-undecided`.
    """
    drafting = _Drafting(contracts)
    for pact in in_order(services, pacts):
        drafting.add(pact)
    return drafting.document(services, files)


@dataclass
class _Finder:
    """Finds what a request of *service* is passed; *used* are the values that were found."""

    known: Known
    service: str
    used: list[KnownValue] = field(default_factory=list)

    def of_text(self, text: str) -> KnownValue | None:
        found = self.known.find(text, self.service)
        self.used += [found] if found else []
        return found

    def of_value(self, value: Any) -> KnownValue | None:
        known = self.known.find(str(value), self.service)
        return self.of_text(str(value)) if known and type(known.value) is type(value) else None


@dataclass
class _Drafting:
    contracts: Mapping[str, ServiceContract]
    known: Known = field(default_factory=Known)
    steps: list[dict[str, Any]] = field(default_factory=list)
    cleanup: list[dict[str, Any]] = field(default_factory=list)
    states: list[dict[str, Any]] = field(default_factory=list)
    inputs: dict[str, Any] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)
    names: Counter[str] = field(default_factory=Counter)
    providers: list[str] = field(default_factory=list)

    def add(self, pact: Pact) -> None:
        """Add the steps of a pact; errors and messages are left out, and that is said."""
        requests = [each for each in pact.interactions if isinstance(each, HttpInteraction)]
        successes = [each for each in requests if (each.response.status or 200) < _ERROR]
        pair = f"{pact.consumer} with {pact.provider}"
        if left := len(pact.interactions) - len(requests):
            what = "1 message" if left == 1 else f"{left} messages"
            self.undecided.append(f"Left out: {what} of {pair}. Arazzo 1.0 knows requests only.")
        if left := len(requests) - len(successes):
            what = "1 request" if left == 1 else f"{left} requests"
            self.undecided.append(f"Left out: {what} of {pair}, answered with an error.")
        if pact.provider not in self.providers and successes:
            self.providers.append(pact.provider)
        router = self._router(pact.provider)
        for interaction in sorted(successes, key=_place_in_order):
            self._add_step(pact, interaction, router)

    def _router(self, provider: str) -> Router | None:
        contract = self.contracts.get(provider)
        return Router(contract.http_operations) if contract else None

    def _add_step(self, pact: Pact, interaction: HttpInteraction, router: Router | None) -> None:
        source = source_name(pact.provider)
        name = self._name(f"{source}-{interaction.description}")
        request, response = interaction.request, interaction.response
        finder = _Finder(self.known, pact.provider)
        undecided: list[str] = []
        target, path_values = _target(request, router, source, undecided)
        parameters = [
            {"name": key, "in": "path", "value": self._path_value(key, value, finder, undecided)}
            for key, value in path_values.items()
        ]
        step: dict[str, Any] = {
            "stepId": name,
            "description": f"{pact.consumer} calls {pact.provider}: {interaction.description}",
            **target,
        }
        parameters += _query(request) + self._headers(request, source)
        if parameters:
            step["parameters"] = parameters
        if (body := self._body(request, finder, undecided)) is not None:
            step["requestBody"] = body
        step["successCriteria"] = [{"condition": f"$statusCode == {response.status or 200}"}]
        for value in finder.used:
            if value.service != pact.provider:
                what = f"{value.value!r} is passed on from {value.step} to another service"
                undecided.append(f"{what}: is it the same thing?")
        if undecided:
            step["x-contract-undecided"] = undecided
        self._add_states(source, interaction)
        if request.method.upper() == "DELETE" and finder.used:
            self.cleanup.append(step)
        else:
            self.steps.append(step)
            self.known.learn(name, pact.provider, response.body.value)

    def _add_states(self, source: str, interaction: HttpInteraction) -> None:
        for state in interaction.states:
            written: dict[str, Any] = {"source": source, "name": state.name}
            written |= {"params": state.params} if state.params else {}
            if written not in self.states:
                self.states.append(written)

    def _path_value(self, name: str, value: Any, finder: "_Finder", undecided: list[str]) -> Any:
        found = finder.of_text(str(value))
        if found:
            return self.known.expression(found)
        undecided.append(f"{{{name}}} is {value!r}, as in the pact: it has to exist, or be passed on.")
        return without_expressions(value)

    def _headers(self, request: Request, source: str) -> list[dict[str, Any]]:
        found = []
        for name, values in request.headers.items():
            value: Any = without_expressions(", ".join(values))
            if name.lower() in _OF_HTTP:
                continue
            if name.lower() == _CREDENTIALS:
                given = f"{source}-authorization"
                self.inputs[given] = {
                    "type": "string",
                    "format": "password",
                    "description": f"The header Authorization for {source}",
                }
                value = f"$inputs.{given}"
            found.append({"name": name, "in": "header", "value": value})
        return found

    def _body(self, request: Request, finder: "_Finder", undecided: list[str]) -> dict[str, Any] | None:
        body = request.body
        if body.presence is not Presence.PRESENT:
            return None
        content_type = body.content_type or "application/json"
        if isinstance(body.value, bytes):
            undecided.append(f"The body of type {content_type} is no text: write the payload.")
            return {"contentType": content_type, "payload": ""}
        value = with_values(body.value, finder.of_value, self.known) if is_json(content_type) else body.value
        return {"contentType": content_type, "payload": without_expressions(value)}

    def _name(self, text: str) -> str:
        name = _UNSAFE.sub("-", text).strip("-").lower()[:_LONGEST_NAME].strip("-") or "step"
        self.names[name] += 1
        return name if self.names[name] == 1 else f"{name}-{self.names[name]}"

    def document(self, services: Sequence[str], files: Mapping[str, str]) -> dict[str, Any]:
        """Return the document with all that was added."""
        for step in (*self.steps, *self.cleanup):
            if outputs := self.known.outputs.get(step["stepId"]):
                step["outputs"] = outputs
        workflow: dict[str, Any] = {
            "workflowId": "-".join(source_name(service) for service in services)[:_LONGEST_NAME],
            "summary": f"A request goes through {', '.join(services)}",
        }
        if self.states:
            workflow["x-contract-states"] = self.states
        if self.inputs:
            workflow["inputs"] = {
                "type": "object",
                "required": list(self.inputs),
                "properties": self.inputs,
            }
        workflow["steps"] = self.steps
        if self.cleanup:
            workflow["x-contract-cleanup"] = self.cleanup
        undecided = ["The order of the steps: that of the calls, and what is made before it is read."]
        for provider in self.providers:
            if provider not in self.contracts:
                what = f"{provider} has no service contract at the broker: save its OpenAPI document as"
                undecided.append(f"{what} {files[provider]}, and check each operationPath.")
        return {
            "arazzo": "1.0.1",
            "info": {"title": f"Draft: {', '.join(services)}", "version": "0.1.0"},
            "x-contract-undecided": [*undecided, *self.undecided],
            "sourceDescriptions": [
                {
                    "name": source_name(provider),
                    "url": files[provider],
                    "type": "openapi",
                    "x-contract-service": provider,
                }
                for provider in self.providers
            ],
            "workflows": [workflow],
        }


def _place_in_order(interaction: HttpInteraction) -> int:
    method = interaction.request.method.upper()
    return _ORDER.index(method) if method in _ORDER else _ORDER.index("GET")


def _target(
    request: Request, router: Router | None, source: str, undecided: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the step calls, and the values of the path's parameters."""
    route = router.route(request.method, request.path) if router else None
    if route:
        operation = route.operation
        values = {name: _typed(operation, name, text) for name, text in route.parameters.items()}
        if " " in operation.id:
            return {"operationPath": _operation_path(source, operation.pointer)}, values
        return {"operationId": f"$sourceDescriptions.{source}.{operation.id}"}, values
    if router:
        what = f"The service contract has no operation for {request.method} {request.path}"
        undecided.append(f"{what}: correct the operationPath.")
    template, guessed = _guessed_template(request.path)
    place = pointer(["paths", template, request.method.lower()])
    return {"operationPath": _operation_path(source, place)}, guessed


def _operation_path(source: str, place: str) -> str:
    return f"{{$sourceDescriptions.{source}.url}}#{place}"


def _guessed_template(path: str) -> tuple[str, dict[str, Any]]:
    """Return a template of the path, each parameter with a name of its own, and their values."""
    values: dict[str, Any] = {}
    segments = []
    for shown, text in zip(read_path(path).template.split("/"), path.split("/"), strict=True):
        found = _TEMPLATE.search(shown)
        if found is None:
            segments.append(text)
            continue
        name = found[1] if found[1] not in values else f"{found[1]}{len(values) + 1}"
        values[name] = text.removeprefix(shown[: found.start()])
        segments.append(shown[: found.start()] + f"{{{name}}}" + shown[found.end() :])
    return "/".join(segments), values


def _typed(operation: HttpOperation, name: str, text: str) -> Any:
    """Return a path parameter as its schema wants it."""
    for parameter in operation.parameters:
        schema = parameter.schema
        kind = schema.get("type") if isinstance(schema, dict) else None
        if parameter.name == name and kind in {"integer", "number"}:
            try:
                return orjson.loads(text)
            except orjson.JSONDecodeError:
                return text
    return text


def _query(request: Request) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "value": [without_expressions(value or "") for value in values]
            if len(values) > 1
            else without_expressions(values[0] or ""),
        }
        for name, values in request.query.items()
        if values
    ]
