"""Every page, in the world of support/retail_world.py: tests/acceptance/test_all_pages.py visits each one.

A path may name what the world gives an id: {production}, {staging}, {test} (environments), {webhook},
{delivery}, {checkout} and {bff} (newest versions of Checkout and web-bff on main), {sha} (the content of the
pact that web-bff has with Checkout), {result} (the number of a failed result of it),
{interaction} (the first interaction of it), {earlier} and {earlier_sha} (the pact before with other content),
{gate} (a quality gate), {comparison}, {compatibility} and {scenario} (whole paths of such results), {token}
(a token of ada) and {trust}. Accounts are those of support/account_world.py, and ada is an administrator.
"""

from urllib.parse import quote

from support.account_world import LONG_TEAM
from support.retailer import B2B, LONG

_VERSION = "/pacticipants/Checkout/versions/{checkout}"
_PACT = "/pacts/provider/Checkout/consumer/web-bff"

SITE_MAP = {
    # Overview
    "overview": "/",
    "overview of what failed": "/?state=failed&team=selling&sort=consumer",
    "overview of an environment": "/?env=production&page=1",
    "nothing found": "/?search=nothing",
    "overview of what fails in production": "/?env=production&state=failed",
    "overview in another order": "/?team=team:selling&sort=-changed",
    # Applications, versions, branches, search
    "applications": "/pacticipants",
    "application": "/pacticipants/Checkout",
    "versions": "/pacticipants/Checkout/versions",
    "contracts": "/pacticipants/Checkout/contracts",
    "deployments": "/pacticipants/Checkout/deployments",
    "results": "/pacticipants/Checkout/results",
    "settings of an application": "/pacticipants/Checkout/settings",
    "branches": "/pacticipants/Checkout/branches",
    "branch": "/pacticipants/Checkout/branches/renovate%2Fall-minor",
    "applications of a team": "/pacticipants?label=team:selling&sort=name",
    "versions on a branch": "/pacticipants/Checkout/versions?branch=main",
    "search": "/search",
    "search for a word": "/search?q=cart",
    "search without words": "/search",
    "search for interactions": "/search?q=cart&kind=interactions",
    "search for nothing": "/search?q=zyzzyva",
    "application with a difficult name": f"/pacticipants/{quote(B2B, safe='')}",
    "application with a long name": f"/pacticipants/{LONG}",
    "branch to delete": "/pacticipants/Checkout/branches/main/delete",
    "version": _VERSION,
    "version to delete": f"{_VERSION}/delete",
    # Pacts, differences, results
    "pact": f"{_PACT}/version/{{bff}}",
    "pact that nobody has verified": f"{_PACT}/latest",
    "pact that is large": "/pacts/provider/Catalog/consumer/Admin%20Console/latest",
    "pact of messages": "/pacts/provider/Orders/consumer/Notifications/latest",
    "pact of a branch": f"{_PACT}/branch/main/latest",
    "pact with a content": f"{_PACT}/pact-version/{{sha}}",
    "result": f"{_PACT}/pact-version/{{sha}}/verification-results/{{result}}",
    "newest result": f"{_PACT}/pact-version/{{sha}}/verification-results/latest",
    "no pact": "/pacts/provider/Weather/consumer/Odd/latest",
    "pact to delete": f"{_PACT}/version/{{bff}}/delete",
    "integration to delete": "/integrations/provider/Checkout/consumer/web-bff/delete",
    "pact, filtered": f"{_PACT}/version/{{bff}}?verdict=failed&text=checkout",
    "history of an interaction": f"{_PACT}/interactions/{{interaction}}/history",
    "what changed": f"{_PACT}/version/{{bff}}/diff/previous-distinct",
    "what changed, as text": f"{_PACT}/version/{{bff}}/diff/previous-distinct?show=text",
    "what changed since another version": f"{_PACT}/version/{{bff}}/diff/version/{{earlier}}",
    "what changed since another content": f"{_PACT}/pact-version/{{sha}}/diff/pact-version/{{earlier_sha}}",
    "comparison": "{comparison}",
    "compatibility": "{compatibility}",
    "scenario": "{scenario}",
    # Decisions
    "may I deploy": "/can-i-deploy",
    "may this be deployed": "/can-i-deploy?pacticipant=Checkout&version={checkout}&environment=production",
    "may a branch be deployed": "/can-i-deploy?pacticipant=web-bff&branch=main&environment=staging",
    "may an unknown version be deployed": "/can-i-deploy?pacticipant=Checkout&version=x&environment=test",
    "in which order": "/deploy-plan",
    "in this order": (
        "/deploy-plan?q[][pacticipant]=Checkout&q[][version]={checkout}"
        "&q[][pacticipant]=web-bff&q[][version]={bff}&environment=production"
    ),
    "matrix": "/matrix",
    "matrix of versions": "/matrix?q[][pacticipant]=web-bff&q[][branch]=main&q[][pacticipant]=Checkout",
    "matrix of a pair": "/matrix/provider/Checkout/consumer/web-bff",
    "this may be deployed": "/can-i-deploy?pacticipant=Tax&version={tax}&environment=production",
    # Network
    "network": "/network",
    "network as a table": "/network?show=table&state=failed",
    "network around a service": "/network?around=Orders",
    "network near a service": "/network?around=Orders&depth=2&rest=hidden&show=graph",
    "network of an environment": "/network?env=production&team=selling",
    # Environments
    "environments": "/environments",
    "environments in the past": "/environments?at=2026-11-01&sort=application",
    "environment": "/environments/{production}",
    "comparison of environments": "/environments/compare?a=staging&b=production",
    "history of an application in an environment": "/pacticipants/Orders/environments/{production}/versions",
    # Insights and badges
    "insights": "/insights",
    "insights of a team": "/insights?team=selling",
    "badges": "/badges?consumer=web-bff&provider=Checkout",
    "badges to ask for": "/badges",
    "insights of a service": "/insights?service=Orders&days=365",
    "insights of a team and a consumer": "/insights?team=selling&consumer=web-bff&environment=production",
    "gate": "/gates/{gate}",
    "gate to create": "/gates/new",
    "gate to edit": "/gates/{gate}/edit",
    "gate to delete": "/gates/{gate}/delete",
    # Service contracts
    "service contract": "/pacticipants/Orders/versions/1.7.0/service-contract",
    "compatibility of a service contract": (
        "/pacticipants/Orders/versions/1.7.0/service-contract?show=compatibility"
    ),
    "usage of a service contract": (
        "/pacticipants/Orders/versions/1.7.0/service-contract?show=usage&place=GET%20/orders/%7Bid%7D"
    ),
    "comparisons of a service contract": (
        "/pacticipants/Orders/versions/1.7.0/service-contract?show=comparisons"
    ),
    "results of a service contract": "/pacticipants/Orders/versions/1.7.0/service-contract?show=results",
    "version with a service contract": "/pacticipants/Orders/versions/1.7.0",
    # Webhooks and settings
    "webhooks": "/webhooks",
    "webhook": "/webhooks/{webhook}",
    "secrets": "/secrets",
    "secret": "/secrets/ci-token",
    "secret to delete": "/secrets/ci-token/delete",
    "webhooks that fail": "/webhooks?state=failing",
    "new webhook": "/webhooks/new",
    "edit a webhook": "/webhooks/{webhook}/edit",
    "test a webhook": "/webhooks/{webhook}/test",
    "delete a webhook": "/webhooks/{webhook}/delete",
    "delivery": "/triggered-webhooks/{delivery}/logs",
    "new secret": "/secrets/new",
    "settings": "/settings",
    "audit log": "/audit",
    "audit log, filtered": "/audit?actor=ada&action=deployed_versions.record&since=2026-01-01",
    "audit log of nobody": "/audit?actor=nobody&sort=%2Btimestamp",
    # Forms of other things
    "edit an application": "/pacticipants/Checkout/edit",
    "delete an application": "/pacticipants/Checkout/delete",
    "policy of an application": "/pacticipants/Orders/service-contract-policy/edit",
    "new environment": "/environments/new",
    "edit an environment": "/environments/{production}/edit",
    "delete an environment": "/environments/{production}/delete",
    # Accounts, teams, tokens, sessions
    "my tokens": "/my/tokens",
    "new token": "/my/tokens/new",
    "token to revoke": "/tokens/{token}/revoke",
    "my sessions": "/my/sessions",
    "my password": "/my/password",
    "log out": "/log-out",
    "log in by a link": "/log-in/link",
    "teams": "/teams",
    "team": "/teams/selling",
    "team with a long name": f"/teams/{quote(LONG_TEAM)}",
    "new team": "/teams/new",
    "edit a team": "/teams/selling/edit",
    "delete a team": "/teams/selling/delete",
    "new member": "/teams/selling/members/new",
    "edit a member": "/teams/selling/members/pat/edit",
    "new application of a team": "/teams/selling/pacticipants/new",
    "application to take away": "/teams/selling/pacticipants/Checkout/disown",
    "new service account": "/teams/selling/accounts/new",
    "accounts": "/accounts",
    "accounts, filtered": "/accounts?search=a&kind=person&state=active",
    "account": "/accounts/ada",
    "service account": "/accounts/selling-ci",
    "new account": "/accounts/new",
    "edit an account": "/accounts/tom/edit",
    "account to disable": "/accounts/tom/disable",
    "account to enable": "/accounts/gone/enable",
    "new one-time link": "/accounts/tom/log-in-link/new",
    "new token of a service account": "/accounts/selling-ci/tokens/new",
    "new trust": "/accounts/selling-ci/trusts/new",
    "new trust of GitLab": "/accounts/selling-ci/trusts/new?kind=gitlab",
    "new trust of another issuer": "/accounts/selling-ci/trusts/new?kind=other",
    "trust to remove": "/trusts/{trust}/remove",
    # The API
    "API": "/api-docs",
    "API about webhooks": "/api-docs/webhooks",
    "schemas of the API": "/api-docs/schemas",
    "schema of the API": "/api-docs/schemas/NewWebhook",
    "relation": "/doc/publish-contracts",
    "explorer": "/hal-browser/browser.html",
}
"""The path of each page, by what it is."""

ERRORS = {
    "unknown application": "/pacticipants/Chekout",
    "unknown address": "/nothing/here",
}
"""Pages that tell what went wrong; their status is not 200."""
