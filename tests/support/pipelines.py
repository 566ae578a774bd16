"""Claims as GitHub Actions and GitLab put them into the id tokens of their pipelines."""

from typing import Any


def github_claims(**changes: Any) -> dict[str, Any]:
    """Return those of a run of octo/shop on its main branch; None leaves one out."""
    claims = {
        "sub": "repo:octo/shop:ref:refs/heads/main",
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "ref_protected": "true",
        "sha": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "repository": "octo/shop",
        "repository_id": "1296269",
        "repository_owner": "octo",
        "repository_owner_id": "583231",
        "repository_visibility": "private",
        "run_id": "30433642",
        "run_number": "562",
        "run_attempt": "1",
        "actor": "mona",
        "actor_id": "12",
        "workflow": "CI",
        "head_ref": "",
        "base_ref": "",
        "event_name": "push",
        "workflow_ref": "octo/shop/.github/workflows/ci.yml@refs/heads/main",
        "job_workflow_ref": "octo/shop/.github/workflows/ci.yml@refs/heads/main",
        "runner_environment": "github-hosted",
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def gitlab_claims(host: str = "gitlab.example.org", **changes: Any) -> dict[str, Any]:
    """Return those of a job of shop/web on its main branch; None leaves one out."""
    claims = {
        "sub": "project_path:shop/web:ref_type:branch:ref:main",
        "namespace_id": "72",
        "namespace_path": "shop",
        "project_id": "20",
        "project_path": "shop/web",
        "user_id": "1",
        "user_login": "ada",
        "pipeline_id": "574",
        "pipeline_source": "push",
        "job_id": "302",
        "ref": "main",
        "ref_type": "branch",
        "ref_path": "refs/heads/main",
        "ref_protected": "true",
        "runner_environment": "self-hosted",
        "ci_config_ref_uri": f"{host}/shop/web//.gitlab-ci.yml@refs/heads/main",
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}
