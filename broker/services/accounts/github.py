"""Log-in by GitHub, which is no OpenID provider for people: its API says who somebody is."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from broker.domain.accounts.providers import GITHUB
from broker.services.accounts.log_in import LogInRefusedError, ProvidedPerson
from broker.services.accounts.log_in_flow import Flow
from broker.services.accounts.openid import line, texts
from broker.services.accounts.provider_requests import ProviderRequests

logger = logging.getLogger("broker")
ON_A_PAGE = 100
MOST_PAGES = 10
_API_OF_GITHUB = "https://api.github.com"
_OK = 200


class GithubProvider:
    """GitHub.com, or a GitHub Enterprise Server. Groups are ORGANIZATION and ORGANIZATION/TEAM."""

    def __init__(self, requests: ProviderRequests) -> None:
        self._requests = requests
        self._provider = requests.provider
        issuer = requests.provider.issuer.rstrip("/")
        self._web = f"{issuer}/login/oauth"
        self._api = _API_OF_GITHUB if issuer == GITHUB else f"{issuer}/api/v3"

    def address(self, flow: Flow, redirect_uri: str) -> str:
        """Return where the browser goes to log in."""
        parameters = {
            "client_id": self._provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._provider.scopes,
            "state": flow.state,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
            "allow_signup": "false",
        }
        return f"{self._web}/authorize?{urlencode(parameters)}"

    def check_answer(self, answer: Mapping[str, str]) -> None:
        """Raise LogInRefusedError for an answer of another provider: GitHub says no issuer, or its own."""
        if answer.get("iss", self._provider.issuer) not in {
            self._provider.issuer,
            f"{self._provider.issuer}/login/oauth",
        }:
            raise LogInRefusedError("Log in again: the answer came from another provider.")

    def person(self, code: str, flow: Flow, redirect_uri: str, _now: datetime) -> ProvidedPerson:
        """Return whom a code stands for. Raises LogInRefusedError and ProviderError."""
        token = self._token(code, flow, redirect_uri)
        user = self._get("/user", token)
        number = user.get("id") if isinstance(user, dict) else None
        if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
            raise self._requests.unusable("GitHub does not say who somebody is (id)")
        login = line(user.get("login"))
        groups = self._organizations(token) | self._teams(token)
        return ProvidedPerson(
            str(number), (login,), line(user.get("name")) or login, line(user.get("email")) or None, groups
        )

    def _token(self, code: str, flow: Flow, redirect_uri: str) -> str:
        fields = {
            "client_id": self._provider.client_id,
            "client_secret": self._provider.client_secret,
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": flow.verifier,
        }
        answer = self._requests.post(f"{self._web}/access_token", fields, {})
        if answer.error == "bad_verification_code":  # GitHub says it with status 200
            raise LogInRefusedError("Log in again: the code of this log-in was used before, or is too old.")
        token = answer.document.get("access_token") if isinstance(answer.document, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise self._requests.unusable(f"it gave no access token ({answer.status} {answer.error})")
        return token

    def _organizations(self, token: str) -> frozenset[str]:
        return texts([_login(item) for item in self._all("/user/orgs", token)])

    def _teams(self, token: str) -> frozenset[str]:
        listed = self._all("/user/teams", token)
        return texts([f"{_login(item.get('organization'))}/{line(item.get('slug'))}" for item in listed])

    def _all(self, path: str, token: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for number in range(1, MOST_PAGES + 1):
            page = self._get(f"{path}?per_page={ON_A_PAGE}&page={number}", token)
            if not isinstance(page, list) or not all(isinstance(item, dict) for item in page):
                raise self._requests.unusable(f"{path} answered no list")
            found += page
            if len(page) < ON_A_PAGE:
                return found
        logger.warning("Somebody is in more than %s of %s: the rest does not count", len(found), path)
        return found

    def _get(self, path: str, token: str) -> Any:
        answer = self._requests.get(f"{self._api}{path}", token)
        if answer.status != _OK:
            raise self._requests.unusable(f"{path} answered {answer.status}; its scopes must have read:org")
        return answer.document


def _login(item: Any) -> str:
    return line(item.get("login")) if isinstance(item, dict) else ""
