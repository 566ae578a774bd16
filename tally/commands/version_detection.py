"""Detect the version that is being built, from the variables of a CI system or from git."""

import os
import subprocess
from collections.abc import Mapping

from tally.errors import UsageError
from tally.values import dataclass

Variables = Mapping[str, str]


@dataclass(frozen=True)
class Build:
    """What is being built; None is what was not found. *source* names where it was found."""

    source: str
    commit: str | None = None
    branch: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class System:
    """The variables in which a CI system says what it builds.

    The variable *sign* identifies the system. The first variable of *branch* that has a value counts; those
    of pull requests come first, because they name the branch that was pushed. *url* is a template.
    """

    name: str
    sign: str
    commit: str
    branch: tuple[str, ...]
    url: str

    def build(self, variables: Variables) -> Build:
        """Read the variables."""
        branches = (variables.get(name) for name in self.branch)
        return Build(
            self.name,
            variables.get(self.commit) or None,
            next((_short(branch) for branch in branches if branch), None),
            _filled(self.url, variables),
        )


SYSTEMS = (
    System(
        "GitHub Actions",
        "GITHUB_ACTIONS",
        "GITHUB_SHA",
        ("GITHUB_HEAD_REF", "GITHUB_REF"),
        "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}",
    ),
    System(
        "GitLab",
        "GITLAB_CI",
        "CI_COMMIT_SHA",
        ("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH"),
        "{CI_JOB_URL}",
    ),
    System("CircleCI", "CIRCLECI", "CIRCLE_SHA1", ("CIRCLE_BRANCH",), "{CIRCLE_BUILD_URL}"),
    System(
        "Jenkins",
        "JENKINS_URL",
        "GIT_COMMIT",
        ("CHANGE_BRANCH", "BRANCH_NAME", "GIT_LOCAL_BRANCH", "GIT_BRANCH"),
        "{BUILD_URL}",
    ),
    System(
        "Azure DevOps",
        "TF_BUILD",
        "BUILD_SOURCEVERSION",
        ("SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCH"),
        "{SYSTEM_TEAMFOUNDATIONSERVERURI}{SYSTEM_TEAMPROJECT}/_build/results?buildId={BUILD_BUILDID}",
    ),
    System("Buildkite", "BUILDKITE", "BUILDKITE_COMMIT", ("BUILDKITE_BRANCH",), "{BUILDKITE_BUILD_URL}"),
    System(
        "Bitbucket",
        "BITBUCKET_BUILD_NUMBER",
        "BITBUCKET_COMMIT",
        ("BITBUCKET_BRANCH",),
        "https://bitbucket.org/{BITBUCKET_REPO_FULL_NAME}/pipelines/results/{BITBUCKET_BUILD_NUMBER}",
    ),
    System(
        "Travis CI",
        "TRAVIS",
        "TRAVIS_COMMIT",
        ("TRAVIS_PULL_REQUEST_BRANCH", "TRAVIS_BRANCH"),
        "{TRAVIS_BUILD_WEB_URL}",
    ),
    System(
        "AppVeyor",
        "APPVEYOR",
        "APPVEYOR_REPO_COMMIT",
        ("APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH", "APPVEYOR_REPO_BRANCH"),
        "{APPVEYOR_URL}/project/{APPVEYOR_ACCOUNT_NAME}/{APPVEYOR_PROJECT_SLUG}/builds/{APPVEYOR_BUILD_ID}",
    ),
)


def detect(variables: Variables) -> Build:
    """Read the variables of the CI system that runs this command, and ask git for what they lack."""
    system = next((system for system in SYSTEMS if variables.get(system.sign)), None)
    build = system.build(variables) if system else Build("git")
    # Some systems say "HEAD" when they build the newest commit.
    commit = build.commit if build.commit != "HEAD" else None
    return Build(
        build.source,
        commit or _git("rev-parse", "HEAD"),
        build.branch or (None if system else _git("symbolic-ref", "--short", "HEAD")),
        build.url,
    )


def branch_of_git() -> str:
    """Return the branch that is built; raises UsageError where neither the CI system nor git names one."""
    build = detect(os.environ)
    if not build.branch:
        raise UsageError(f"--tag-with-git-branch: {build.source} names no branch here; use --tag instead.")
    return build.branch


def _short(branch: str) -> str | None:
    """Return the name of a branch without what git puts before it; None for a tag or a pull request."""
    if branch.startswith("refs/"):
        kind, _, name = branch.removeprefix("refs/").partition("/")
        return name if kind == "heads" else None
    return branch.removeprefix("origin/")


def _filled(template: str, variables: Variables) -> str | None:
    try:
        return template.format_map(variables)
    except KeyError:
        return None


def _git(*arguments: str) -> str | None:
    """Ask git; None when it is not installed, when this is no repository, or when it has no answer."""
    try:
        done = subprocess.run(  # noqa: S603 - a list of our own words, no shell
            ["git", *arguments],  # noqa: S607 - the git of whoever runs us
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip() or None
