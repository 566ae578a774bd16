"""A run of scenarios: read the documents, execute the workflows, publish what came of them."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from tally.errors import BrokerError, UsageError
from tally.workflows.binding import BoundDocument, reachable, sources_of
from tally.workflows.parts import suggestion
from tally.workflows.sources import load_bound
from verifier.provider.process import termination_as_interrupt
from verifier.provider.provider import ProviderClient
from verifier.provider.states import StateUrl
from verifier.scenarios.contracts import contract_finder
from verifier.scenarios.given_inputs import check_inputs, inputs_of
from verifier.scenarios.options import ScenarioOptions
from verifier.scenarios.plan import Plan, planned
from verifier.scenarios.report import ExecutedWorkflow, ScenarioReport, service_statistics
from verifier.scenarios.reporter import ScenarioReporter
from verifier.scenarios.scheduling import Schedule
from verifier.scenarios.secrets import Secrets, hidden_workflow, learn, without_secrets
from verifier.transport.http import HttpTransport
from verifier.workflows.circuit import Circuit
from verifier.workflows.means import Means
from verifier.workflows.services import Service

_LOGGERS = ("verifier.transport.http",)


def run_scenarios(options: ScenarioOptions, reporter: ScenarioReporter) -> ScenarioReport:
    """Execute the workflows that *options* select, and return the report, without secrets.

    Raises TallyError when nothing could be executed: a document is wrong, a source or an input is missing.
    """
    started = monotonic()
    bounds = [load_bound(path, contract_finder(options)) for path in options.files]
    plan = planned(bounds, options.selection)
    _check_sources(bounds, plan, options)
    check_inputs(plan, options)
    secrets = Secrets()
    secrets.add_named(options.inputs)
    for url in options.sources.values():
        secrets.add(urlsplit(url).password)
    warnings = (*plan.notes, *_undecided(bounds, plan))
    reporter.started(", ".join(bound.document.title for bound in bounds), warnings)
    with _logged_without(secrets), termination_as_interrupt(), _services(bounds, options) as services:
        ends = [started + seconds for seconds in _run_limits(bounds, options)]
        means = Means(
            services=services,
            timeout=options.timeout,
            deadline=min(ends, default=None),
            cleanup_seconds=options.cleanup_seconds,
        )

        def ended(executed: ExecutedWorkflow) -> None:
            learn(executed, secrets)
            reporter.workflow_ended(hidden_workflow(executed, secrets))

        schedule = Schedule(
            plan, means, lambda each: inputs_of(each, options), concurrency=options.concurrency, ended=ended
        )
        executed = schedule.run()
        statistics = tuple(
            service_statistics(
                name,
                service.measured,
                circuit_opened=service.circuit.times_opened,
                refused=service.circuit.refused,
            )
            for name, service in services.items()
            if service.measured or service.circuit.refused
        )
    report = ScenarioReport(
        title=", ".join(bound.document.title for bound in bounds),
        workflows=executed,
        services=statistics,
        warnings=warnings,
        problems=("The run was interrupted.",) if schedule.interrupted else (),
        duration_ms=(monotonic() - started) * 1000,
    )
    return _published(without_secrets(report, secrets), bounds, options)


def _check_sources(bounds: list[BoundDocument], plan: Plan, options: ScenarioOptions) -> None:
    known = {source.name: source for bound in _all(bounds) for source in bound.document.sources}
    for name in options.sources:
        if name not in known or known[name].type == "arazzo":
            names = [each.name for each in known.values() if each.type == "openapi"]
            raise UsageError(f"--source {name}: no document has such a source; {suggestion(name, names)}")
    missing = {
        name
        for each in plan.workflows
        for bound, workflow in reachable(each.bound, each.workflow)
        for name in sources_of(workflow, bound)
        if name not in options.sources
    }
    if missing:
        wanted = " ".join(f"--source {name}=http://…" for name in sorted(missing))
        raise UsageError(f"Where do the services run? Give {wanted}")


def _undecided(bounds: list[BoundDocument], plan: Plan) -> tuple[str, ...]:
    texts = [(bound.name, text) for bound in bounds for text in bound.document.undecided]
    for each in plan.workflows:
        steps = [(f"{each.workflow.id}/{step.id}", step.undecided) for step in each.workflow.all_steps]
        for name, undecided in ((each.workflow.id, each.workflow.undecided), *steps):
            texts += [(name, text) for text in undecided]
    return tuple(f"{name}: still to be decided: {text}" for name, text in texts)


def _all(bounds: list[BoundDocument]) -> Iterator[BoundDocument]:
    """Yield the documents, and those that they refer to, each once."""
    seen: set[str] = set()
    waiting = list(bounds)
    while waiting:
        bound = waiting.pop(0)
        if bound.name not in seen:
            seen.add(bound.name)
            yield bound
            waiting += bound.others.values()


def _run_limits(bounds: list[BoundDocument], options: ScenarioOptions) -> Iterator[float]:
    if options.total_timeout is not None:
        yield options.total_timeout
    yield from (bound.document.timeout for bound in bounds if bound.document.timeout is not None)


@contextmanager
def _services(bounds: list[BoundDocument], options: ScenarioOptions) -> Iterator[Mapping[str, Service]]:
    """Yield the services by the names of their sources, each with a transport of its own."""
    transports = {name: HttpTransport(timeout=options.timeout, tls=options.tls) for name in options.sources}
    limits: dict[str, Any] = {}
    for bound in _all(bounds):
        for source in bound.document.sources:
            limits.setdefault(source.name, source.circuit or bound.document.circuit)
    try:
        yield {
            name: Service(
                name,
                ProviderClient(
                    base_url=url, transport=transports[name], headers=options.headers.get(name, ())
                ),
                Circuit(name, limits[name]),
                StateUrl(options.state_urls[name], transports[name]) if name in options.state_urls else None,
            )
            for name, url in options.sources.items()
        }
    finally:
        for transport in transports.values():
            transport.close()


@contextmanager
def _logged_without(secrets: Secrets) -> Iterator[None]:
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(secrets.filter)
    try:
        yield
    finally:
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(secrets.filter)


def _published(
    report: ScenarioReport, bounds: list[BoundDocument], options: ScenarioOptions
) -> ScenarioReport:
    if not (options.publishing and options.broker):
        return report
    from verifier.scenarios.publication import publish  # noqa: PLC0415 - few runs publish

    try:
        return replace(report, published=publish(report, bounds, options))
    except (BrokerError, UsageError) as error:
        return replace(report, problems=(*report.problems, f"The results were not published: {error}"))
