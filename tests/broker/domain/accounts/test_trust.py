"""Which id tokens a trust fits, and which trusts are too wide to be made."""

from dataclasses import replace

import pytest
from support.pipelines import github_claims, gitlab_claims

from broker.domain.accounts.permissions import Action
from broker.domain.accounts.trust import (
    GITHUB_ISSUER,
    TrustConditions,
    TrustKind,
    check_conditions,
    counted_by,
    failures,
    matches,
    origin,
)
from broker.domain.errors import ValidationError

ADDRESS = "https://tally.example.org"
PUBLISHING = frozenset({Action.READ, Action.PUBLISH, Action.VERIFY})
GITHUB = TrustConditions(
    TrustKind.GITHUB,
    GITHUB_ISSUER,
    None,
    {"repository_id": "1296269", "repository_owner_id": "583231"},
    ".github/workflows/ci.yml",
    (),
    PUBLISHING,
)
GITLAB = TrustConditions(
    TrustKind.GITLAB,
    "https://gitlab.example.org",
    None,
    {"project_id": "20"},
    ".gitlab-ci.yml",
    (),
    PUBLISHING,
)
OTHER = TrustConditions(TrustKind.OTHER, "https://ci.example.org", None, {"sub": "a"}, None, (), PUBLISHING)


def failed(trust, claims, **changes):
    claims = {"iss": trust.issuer, "aud": ADDRESS, **claims, **changes}
    return [failure.check for failure in failures(trust, claims, [ADDRESS])]


@pytest.mark.parametrize(
    ("trust", "claims"),
    [
        (GITHUB, github_claims()),
        (replace(GITHUB, refs=("refs/heads/main", "refs/tags/v*")), github_claims()),
        (replace(GITHUB, refs=("refs/heads/main", "refs/tags/v*")), github_claims(ref="refs/tags/v1.2")),
        (
            replace(GITHUB, claims={**GITHUB.claims, "environment": "production"}),
            github_claims(environment="production"),
        ),
        (replace(GITHUB, claims={**GITHUB.claims, "ref_protected": "true"}), github_claims()),
        (GITHUB, github_claims(event_name="pull_request", ref="refs/pull/1/merge")),
        (GITLAB, gitlab_claims()),
        (replace(GITLAB, refs=("refs/heads/main",)), gitlab_claims()),
        (replace(GITLAB, refs=("refs/tags/v*",)), gitlab_claims(ref="v1", ref_type="tag")),
        (
            replace(GITLAB, issuer="https://example.org/gitlab"),
            gitlab_claims("example.org/gitlab"),
        ),
        (
            replace(GITLAB, issuer="https://gitlab.example.org:8443"),
            gitlab_claims("gitlab.example.org:8443"),
        ),
        (OTHER, {"sub": "a"}),
        (replace(OTHER, claims={"build": 1, "is_main": True}), {"build": 1, "is_main": True}),
        (replace(OTHER, refs=("refs/heads/main",)), {"sub": "a", "ref": "refs/heads/main"}),
    ],
)
def test_a_trust_fits_a_pipeline_that_meets_all_conditions(trust, claims):
    assert failed(trust, claims) == []


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"iss": "https://other.example.org"}, "iss"),
        ({"aud": "https://other.example.org"}, "aud"),
        ({"repository_id": "1"}, "repository_id"),
        ({"repository_id": 1296269}, "repository_id"),
        ({"repository_id": None}, "repository_id"),
        ({"repository_id": ["1296269"]}, "repository_id"),
        ({"repository_owner_id": "1"}, "repository_owner_id"),
        ({"workflow_ref": "octo/shop/.github/workflows/other.yml@refs/heads/main"}, "workflow_ref"),
        ({"workflow_ref": "evil/shop/.github/workflows/ci.yml@refs/heads/main"}, "workflow_ref"),
        ({"workflow_ref": "octo/shop/x/.github/workflows/ci.yml@refs/heads/main"}, "workflow_ref"),
        ({"workflow_ref": "octo/shop/.github/workflows/ci.yml.yml@refs/heads/main"}, "workflow_ref"),
        ({"workflow_ref": "octo/shop/.github/workflows/ci.yml"}, "workflow_ref"),
        ({"workflow_ref": None}, "workflow_ref"),
        ({"workflow_ref": 1}, "workflow_ref"),
        ({"event_name": "pull_request_target"}, "event_name"),
        ({"ref": "refs/heads/feature"}, "ref"),
        ({"ref": "refs/heads/main/x"}, "ref"),
        ({"ref": "refs/heads/Main"}, "ref"),
        ({"ref": "refs/pull/1/merge"}, "ref"),
        ({"ref": "main"}, "ref"),
        ({"ref": None}, "ref"),
        ({"environment": "staging"}, "environment"),
        ({"environment": None}, "environment"),
    ],
)
def test_each_condition_of_github_is_checked_alone(changes, check):
    trust = replace(
        GITHUB,
        claims={**GITHUB.claims, "environment": "production"},
        refs=("refs/heads/main", "refs/tags/v*"),
    )
    claims = github_claims(environment="production")
    assert failed(trust, claims) == []

    assert failed(trust, claims, **changes) == [check]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"project_id": "21"}, "project_id"),
        ({"ref_protected": "false"}, "ref_protected"),
        ({"ref_protected": True}, "ref_protected"),
        ({"ci_config_ref_uri": None}, "ci_config_ref_uri"),
        ({"ci_config_ref_uri": "gitlab.example.org/evil/web//.gitlab-ci.yml@x"}, "ci_config_ref_uri"),
        ({"ci_config_ref_uri": "evil.example.org/shop/web//.gitlab-ci.yml@x"}, "ci_config_ref_uri"),
        ({"ci_config_ref_uri": "gitlab.example.org/shop/web//x/.gitlab-ci.yml@x"}, "ci_config_ref_uri"),
        ({"ref": "other"}, "ref"),
        ({"ref_type": "tag"}, "ref"),
        ({"ref_type": None}, "ref"),
        ({"ref_type": ["branch"]}, "ref"),
        ({"ref": "refs/heads/main"}, "ref"),
    ],
)
def test_each_condition_of_gitlab_is_checked_alone(changes, check):
    trust = replace(GITLAB, claims={**GITLAB.claims, "ref_protected": "true"}, refs=("refs/heads/main",))
    assert failed(trust, gitlab_claims()) == []

    assert failed(trust, gitlab_claims(), **changes) == [check]


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (True, 1),
        (1, True),
        (False, 0),
        (1, "1"),
        ("true", True),
        (1, 1.0),
        ("a", "A"),
        ("a", ["a"]),
        ("a", None),
    ],
)
def test_values_of_claims_are_compared_exactly(expected, found):
    assert failed(replace(OTHER, claims={"x": expected}), {"x": found}) == ["x"]


def test_a_failure_says_what_was_expected_and_what_was_found():
    found = failures(GITHUB, github_claims(repository_id="7\n7", iss=GITHUB_ISSUER, aud=ADDRESS), [ADDRESS])

    assert [(failure.check, failure.expected, failure.found) for failure in found] == [
        ("repository_id", "1296269", "7\N{REPLACEMENT CHARACTER}7")
    ]


def test_an_audience_of_a_trust_replaces_the_addresses_of_the_broker():
    trust = replace(OTHER, audience="urn:tally")

    assert failed(trust, {"sub": "a", "aud": "urn:tally"}) == []
    assert failed(trust, {"sub": "a"}) == ["aud"]


@pytest.mark.parametrize(
    ("ref", "pattern", "fits"),
    [
        ("refs/tags/v1", "refs/tags/v*", True),
        ("refs/tags/v", "refs/tags/v*", True),
        ("refs/tags/v1/x", "refs/tags/v*", False),
        ("refs/heads/release/1-x", "refs/heads/release/*-x", True),
        ("refs/heads/aba", "refs/heads/ab*ba", False),
        ("refs/heads/a.b", "refs/heads/a?b", False),
        ("refs/heads/main", "refs/heads/mai[n]", False),
        ("xrefs/heads/main", "refs/heads/main", False),
        ("refs/heads/main\n", "refs/heads/main", False),
        ("", "*", True),
    ],
)
def test_one_star_stands_for_any_characters_but_a_slash(ref, pattern, fits):
    assert matches(ref, pattern) is fits


@pytest.mark.parametrize(
    "trust",
    [
        GITHUB,
        GITLAB,
        OTHER,
        replace(GITHUB, refs=("refs/heads/*", "refs/tags/v*.0")),
        replace(GITLAB, workflow="ci/deploy.yaml"),
        replace(
            GITHUB, scopes=frozenset({Action.DEPLOY}), claims={**GITHUB.claims, "environment": "production"}
        ),
        replace(
            GITLAB, scopes=frozenset({Action.DEPLOY}), claims={"project_id": "20", "ref_protected": "true"}
        ),
        replace(OTHER, scopes=frozenset({Action.DEPLOY})),
    ],
)
def test_a_trust_that_says_enough_can_be_made(trust):
    check_conditions(trust)


@pytest.mark.parametrize(
    ("trust", "field", "message"),
    [
        (replace(GITHUB, claims={"repository_id": "1"}), "claims.repository_owner_id", "is missing"),
        (replace(GITHUB, claims={"repository_owner_id": "1"}), "claims.repository_id", "is missing"),
        (replace(GITLAB, claims={}), "claims.project_id", "is missing"),
        (
            replace(GITHUB, claims={**GITHUB.claims, "repository_id": "octo/shop"}),
            "claims.repository_id",
            "digits",
        ),
        (replace(GITHUB, claims={**GITHUB.claims, "repository_id": 1}), "claims.repository_id", "digits"),
        (
            replace(GITHUB, claims={**GITHUB.claims, "repository_id": "\N{ARABIC-INDIC DIGIT ONE}"}),
            "claims.repository_id",
            "digits",
        ),
        (replace(GITHUB, claims={**GITHUB.claims, "aud": "x"}), "claims.aud", "is checked always"),
        (replace(OTHER, claims={}), "claims", "at least one"),
        (replace(OTHER, claims={f"c{number}": "x" for number in range(21)}), "claims", "at most 20"),
        (replace(OTHER, workflow="x.yml"), "workflow", "name a claim instead"),
        (replace(GITHUB, workflow=None), "workflow", "must be the file"),
        (replace(GITHUB, workflow="ci.yml"), "workflow", "must be the file"),
        (replace(GITHUB, workflow=".github/workflows/ci.yml@x.yml"), "workflow", "must be the file"),
        (replace(GITHUB, workflow=".github/workflows/x/ci.yml"), "workflow", "must be the file"),
        (replace(GITHUB, workflow=".github/workflows/ci.yml\n"), "workflow", "must be the file"),
        (replace(GITLAB, workflow="/ci.yml"), "workflow", "must be the file"),
        (replace(GITLAB, workflow=".yml"), "workflow", "must be the file"),
        (replace(GITHUB, refs=("main",)), "refs", "refs/heads/"),
        (replace(GITHUB, refs=("refs/pull/*",)), "refs", "refs/heads/"),
        (replace(GITHUB, refs=("refs/heads/**",)), "refs", "one * at most"),
        (replace(GITHUB, refs=("refs/heads/a b",)), "refs", "refs/heads/"),
        (replace(GITHUB, refs=("refs/heads/main",) * 21), "refs", "at most 20"),
        (replace(GITHUB, minutes=0), "minutes", "from 1 to 15"),
        (replace(GITHUB, minutes=16), "minutes", "from 1 to 15"),
        (replace(GITHUB, scopes=frozenset({Action.OWN_ACCOUNT})), "scopes", "no token can have"),
        (replace(GITHUB, scopes=frozenset({Action.DEPLOY})), "scopes", "environment"),
        (
            replace(GITHUB, scopes=frozenset({Action.DEPLOY}), refs=("refs/heads/main",)),
            "scopes",
            "environment",
        ),
        (replace(GITLAB, scopes=frozenset({Action.WEBHOOKS})), "scopes", "environment"),
        (
            replace(
                GITLAB,
                scopes=frozenset({Action.DEPLOY}),
                claims={"project_id": "20", "ref_protected": "false"},
            ),
            "scopes",
            "ref_protected with the value true",
        ),
        (replace(OTHER, scopes=frozenset({Action.DELETE}), claims={"build": 1}), "scopes", "or sub"),
    ],
)
def test_a_trust_that_is_too_wide_or_that_nothing_meets_is_refused(trust, field, message):
    with pytest.raises(ValidationError) as refusal:
        check_conditions(trust)

    assert any(message in text for text in refusal.value.errors[field])


def test_exchanges_are_counted_by_the_id_of_the_repository():
    assert counted_by(github_claims()) == "1296269"
    assert counted_by(gitlab_claims()) == "20"
    assert counted_by({"sub": "a", "repository_id": 1}) == "a"
    assert counted_by({"sub": 1}) == ""


def test_the_run_of_a_token_is_described():
    assert origin(TrustKind.GITHUB, github_claims()) == (
        "repository octo/shop, workflow CI, run_id 30433642, run_attempt 1, ref refs/heads/main"
    )
    assert origin(TrustKind.OTHER, {"sub": "a\nb"}) == "sub a\N{REPLACEMENT CHARACTER}b"
