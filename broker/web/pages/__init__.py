"""HTML over the same services as the API: one module for each subject."""

from flask import Blueprint, Flask, Response, abort

from broker.web import compression
from broker.web.pages import api_docs, assets, deletions, explorer, forms, live, search, settings
from broker.web.pages.accounts import (
    account,
    account_forms,
    log_in,
    log_in_link,
    log_in_provider,
    my_password,
    sessions,
    team_forms,
    teams,
    tokens,
    trusts,
    words,
)
from broker.web.pages.audit import audit
from broker.web.pages.decisions import badges, decisions, deploy_plan, matrix
from broker.web.pages.environments import environment_forms, environments
from broker.web.pages.insights import gates, insights
from broker.web.pages.network import network
from broker.web.pages.overview import overview
from broker.web.pages.pacticipants import application, application_forms, applications, versions
from broker.web.pages.pacts import (
    differences,
    interaction_text,
    interactions,
    line_markup,
    pacts,
    verifications,
)
from broker.web.pages.page import blueprint
from broker.web.pages.rendering import teach
from broker.web.pages.service_contracts import contract_results, policy_form, schema_text, service_contract
from broker.web.pages.webhooks import secrets, webhook_forms, webhooks
from broker.web.paths import PAGES

SUBJECTS = (
    overview,
    live,
    applications,
    application,
    network,
    environments,
    webhooks,
    pacts,
    search,
    interactions,
    differences,
    contract_results,
    verifications,
    decisions,
    deploy_plan,
    matrix,
    versions,
    log_in,
    log_in_link,
    log_in_provider,
    my_password,
    sessions,
    deletions,
    secrets,
    service_contract,
    webhook_forms,
    application_forms,
    environment_forms,
    policy_form,
    api_docs,
    settings,
    audit,
    insights,
    gates,
    badges,
    tokens,
    teams,
    team_forms,
    account,
    account_forms,
    trusts,
)
"""Each has added its views to the blueprint when it was imported."""
teach(interaction_text.FILTERS)
teach(line_markup.FILTERS, line_markup.TESTS)
teach(schema_text.FILTERS)
teach(words.FILTERS, words.TESTS)
static = Blueprint("static", __name__)
_WRITING = {"POST", "PUT", "PATCH", "DELETE"}
_FOR_A_DAY = "public, max-age=86400"
_FOR_A_YEAR = "public, max-age=31536000, immutable"


@static.get("/static/<segment:name>")
def file(name: str) -> Response:
    """Show a file that pages load. A browser keeps it for a year, if the name has the hash of its content."""
    asset = assets.find(name) or abort(404)
    response = Response(asset.content, content_type=asset.content_type)
    if len(asset.content) >= compression.SMALL and compression.is_wanted():
        response = Response(asset.compressed, content_type=asset.content_type)
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    if name == asset.hashed_name:
        response.headers["Cache-Control"] = _FOR_A_YEAR
    return response


@static.get("/favicon.ico")
def icon() -> Response:
    """Show the icon that browsers ask for by this name, whatever a page links to."""
    response = file("favicon.ico")
    response.headers["Cache-Control"] = _FOR_A_DAY
    return response


def register(app: Flask) -> None:
    """Give the application every page, the files that pages load, and the explorer of the API."""
    of_api = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    app.register_blueprint(blueprint, url_prefix=PAGES)
    _answer_all(app, of_api)
    app.register_blueprint(forms.blueprint, url_prefix=PAGES)  # which only browsers send
    app.register_blueprint(static)
    app.register_blueprint(explorer.blueprint)


def _answer_all(app: Flask, of_api: set[tuple[str, str]]) -> None:
    """Give each page that has no document of the API beside it to every client, whatever it accepts."""
    for page in [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PAGES)]:
        path = page.rule.removeprefix(PAGES)
        methods = {method for method in page.methods or () if (path, method) not in of_api}
        if "GET" in methods or methods & _WRITING:
            view = app.view_functions[page.endpoint]
            app.add_url_rule(path, page.endpoint, view, methods=methods, defaults=page.defaults)
