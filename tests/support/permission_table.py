"""Who may do what, written by hand from the rules.

`docs/permissions.md` shows both tables, and a test holds that it does. A new route needs a row in `ROUTES`.
"""

from support.permission_worlds import OWN

ACTORS = (
    "nobody",
    "reader",
    "publisher",
    "deployer",
    "team administrator",
    "administrator",
    "settings writer",
)
_TEAM = "team administrator"
_ALL = ("administrator", "settings writer")
MAY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "read": (ACTORS[1:], ACTORS[1:]),
    "publish": (("publisher", _TEAM, *_ALL), _ALL),
    "verify": (("publisher", _TEAM, *_ALL), _ALL),
    "deploy": (("publisher", "deployer", _TEAM, *_ALL), _ALL),
    "delete": ((_TEAM, *_ALL), _ALL),
    "delete-pacticipant": ((_TEAM, *_ALL), _ALL),
    "webhooks": ((_TEAM, *_ALL), _ALL),
    "manage-team": ((_TEAM, "administrator"), ("administrator",)),
    "administer": (_ALL, _ALL),
    "accounts": (("administrator",), ("administrator",)),
    "own-account": (ACTORS[1:-1], ACTORS[1:-1]),
    "known": (ACTORS[1:], ACTORS[1:]),
    "public": (ACTORS, ACTORS),
}
"""By action: who may do it to what their team owns, and to what another team owns."""

PAIR = "/pacts/provider/{provider}/consumer/{consumer}"
PAGES = "/-pages"


def _of(action: str, *routes: str) -> dict[str, str]:
    return dict.fromkeys(routes, action)


ROUTES: dict[str, str] = {
    **_of(
        "publish",
        "POST /contracts/publish",
        *(
            f"{method} {place}"
            for place in (
                "/pact/provider/{provider}/consumer/{consumer}/version/{consumer_version}",
                PAIR + "/version/{consumer_version}",
                PAIR + "/versions/{consumer_version}",
            )
            for method in ("PUT", "PATCH")
        ),
        "POST /service-contracts/publish",
        "PUT /contracts/provider/{provider}/version/{version}",
        "POST /provider-contracts/provider/{provider}/publish",
        "POST /provider-contracts/provider/{provider}/publish-contracts",
        "POST /pacticipants",
        "PUT /pacticipants/{pacticipant}",
        "PATCH /pacticipants/{pacticipant}",
        "PUT /pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
        "PUT /pacticipants/{pacticipant}/labels/{label}",
        "DELETE /pacticipants/{pacticipant}/labels/{label}",
        "PUT /pacticipants/{pacticipant}/versions/{version}",
        "PATCH /pacticipants/{pacticipant}/versions/{version}",
        "PUT /pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
        "DELETE /pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
        f"POST {PAGES}/pacticipants/{{pacticipant}}/edit",
    ),
    **_of(
        "verify",
        f"POST {PAIR}/pact-version/{{sha}}/verification-results",
        f"POST {PAIR}/pact-version/{{sha}}/metadata/{{metadata}}/verification-results",
        "POST /pacticipants/{pacticipant}/service-contracts/{sha}/verification-results",
        "POST /scenario-results",
    ),
    **_of(
        "deploy",
        "POST /pacticipants/{pacticipant}/versions/{version}/deployed-versions/environment/{uuid}",
        "POST /pacticipants/{pacticipant}/versions/{version}/released-versions/environment/{uuid}",
        "PATCH /deployed-versions/{uuid}",
        "PATCH /released-versions/{uuid}",
    ),
    **_of(
        "delete",
        "DELETE /pact/provider/{provider}/consumer/{consumer}/version/{consumer_version}",
        *(
            f"DELETE {PAIR}{rest}"
            for rest in (
                "/version/{consumer_version}",
                "/versions/{consumer_version}",
                "/versions",
                "/tag/{tag}",
                "/branch/{branch}",
                "/branch/{branch}/latest/versions",
                "/branch/versions",
                "/branch/latest/versions",
                "/pact-version/{sha}/verification-results/{number}",
                "/pact-version/{sha}/metadata/{metadata}/verification-results/{number}",
                "/pact-version/{sha}/verification-results/latest",
                "/latest/verification-results/latest",
                "/latest/{tag}/verification-results/latest",
                "/version/{consumer_version}/verification-results/latest",
            )
        ),
        "DELETE /pacticipants/{pacticipant}/versions/{version}",
        "DELETE /pacticipants/{pacticipant}/branches",
        "DELETE /pacticipants/{pacticipant}/branches/{branch}",
        "DELETE /pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
        "PUT /pacticipants/{pacticipant}/service-contract-policy",
        "DELETE /pacticipants/{pacticipant}/service-contract-policy",
        f"POST {PAGES}/pacticipants/{{pacticipant}}/service-contract-policy/edit",
        f"POST {PAGES}/pacticipants/{{pacticipant}}/versions/{{version}}/delete",
        f"POST {PAGES}/pacticipants/{{pacticipant}}/branches/{{branch}}/delete",
        f"POST {PAGES}{PAIR}/version/{{consumer_version}}/delete",
    ),
    **_of(
        "delete-pacticipant",
        "DELETE /pacticipants/{pacticipant}",
        "DELETE /integrations/provider/{provider}/consumer/{consumer}",
        f"POST {PAGES}/pacticipants/{{pacticipant}}/delete",
        f"POST {PAGES}/integrations/provider/{{provider}}/consumer/{{consumer}}/delete",
    ),
    **_of(
        "webhooks",
        "POST /webhooks",
        "POST /webhooks/execute",
        "PUT /webhooks/{uuid}",
        "DELETE /webhooks/{uuid}",
        "POST /webhooks/{uuid}/execute",
        "POST /webhooks/consumer/{consumer}",
        "POST /webhooks/provider/{provider}",
        "POST /webhooks/provider/{provider}/consumer/{consumer}",
        f"POST {PAIR}/webhooks",
        "POST /triggered-webhooks/{uuid}/redeliver",
        "PUT /secrets/{secret}",
        "DELETE /secrets/{secret}",
        *(
            f"POST {PAGES}{rest}"
            for rest in (
                "/webhooks/new",
                "/webhooks/{uuid}/edit",
                "/webhooks/{uuid}/test",
                "/webhooks/{uuid}/delete",
                "/triggered-webhooks/{uuid}/redeliver",
                "/secrets/new",
                "/secrets/{secret}/delete",
            )
        ),
    ),
    **_of(
        "manage-team",
        "PATCH /teams/{team}",
        "PUT /teams/{team}/members/{account}",
        "DELETE /teams/{team}/members/{account}",
        "PUT /teams/{team}/pacticipants/{pacticipant}",
        "DELETE /teams/{team}/pacticipants/{pacticipant}",
        "POST /teams/{team}/accounts",
        "PATCH /accounts/{account}",
        "DELETE /accounts/{account}",
        "PUT /accounts/{account}/roles",
        "POST /accounts/{account}/tokens",
        "DELETE /tokens/{uuid}",
        "POST /trusts",
        "DELETE /trusts/{uuid}",
        "POST /trusts/test",
        *(
            f"POST {PAGES}{rest}"
            for rest in (
                "/teams/{team}/edit",
                "/teams/{team}/members/new",
                "/teams/{team}/members/{account}/edit",
                "/teams/{team}/pacticipants/new",
                "/teams/{team}/pacticipants/{pacticipant}/disown",
                "/teams/{team}/accounts/new",
                "/accounts/{account}/tokens/new",
                "/accounts/{account}/trusts/new",
                "/tokens/{uuid}/revoke",
                "/trusts/{uuid}/remove",
            )
        ),
    ),
    **_of(
        "accounts",
        "POST /accounts",
        "POST /accounts/{account}/log-in-link",
        "POST /teams",
        "DELETE /teams/{team}",
        *(
            f"POST {PAGES}{rest}"
            for rest in (
                "/accounts/new",
                "/accounts/{account}/edit",
                "/accounts/{account}/disable",
                "/accounts/{account}/enable",
                "/accounts/{account}/log-in-link/new",
                "/teams/new",
                "/teams/{team}/delete",
            )
        ),
    ),
    **_of(
        "administer",
        "POST /environments",
        "PUT /environments/{uuid}",
        "DELETE /environments/{uuid}",
        "POST /gates",
        "PUT /gates/{uuid}",
        "DELETE /gates/{uuid}",
        "DELETE /integrations",
        *(
            f"POST {PAGES}{rest}"
            for rest in (
                "/environments/new",
                "/environments/{uuid}/edit",
                "/environments/{uuid}/delete",
                "/gates/new",
                "/gates/{uuid}/edit",
                "/gates/{uuid}/delete",
            )
        ),
    ),
    **_of("read", "POST /pacts/provider/{provider}/for-verification"),
    **_of(
        "own-account",
        "POST /tokens",
        f"POST {PAGES}/log-out",
        f"POST {PAGES}/my/sessions",
        f"POST {PAGES}/my/password",
        f"POST {PAGES}/my/tokens/new",
    ),
    **_of("known", "POST /test/error"),
    **_of("public", "POST /tokens/exchange", f"POST {PAGES}/log-in/link", f"POST {PAGES}/log-in/password"),
}
"""By method and path: which action it is."""
OF_NO_TEAM = {"POST /trusts/test"}
"""What is about nothing that a team has: it looks only at what the actor may see."""
HIDING = {
    "DELETE /trusts/{uuid}",
    "DELETE /tokens/{uuid}",
    f"POST {PAGES}/tokens/{{uuid}}/revoke",
    f"POST {PAGES}/trusts/{{uuid}}/remove",
}
"""What answers 404, and not 403, for what another team has: it is shown to nobody else."""


def is_form(route: str) -> bool:
    """Return whether a page sends this request."""
    return PAGES in route


def expected(route: str, actor: str, team: str) -> bool:
    """Return whether an actor may do what a route does, to what a team has."""
    own, foreign = MAY[ROUTES[route]]
    return actor in (own if team == OWN or route in OF_NO_TEAM else foreign)


def action_table() -> str:
    """Return the table of actions and actors for the documentation."""
    lines = [f"| | {' | '.join(ACTORS[1:])} |", "|---" * len(ACTORS) + "|"]
    for action, (own, foreign) in MAY.items():
        if action not in {"public", "known"}:
            cells = ["all" if actor in foreign else "own" if actor in own else "no" for actor in ACTORS[1:]]
            lines.append(f"| `{action}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def route_table() -> str:
    """Return the list of the routes of each action for the documentation; pages have the same addresses."""
    lines = []
    for action in MAY:
        if action in {"public", "known"}:
            continue
        found = [route for route, of in ROUTES.items() if of == action and not is_form(route)]
        lines += [f"### {action}", "", "```text", *found, "```", ""]
    return "\n".join(lines)
