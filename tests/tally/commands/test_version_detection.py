import subprocess

import pytest

from tally.commands.version_detection import Build, detect


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with one commit on the branch `trunk`, as the working folder; returns the commit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def git(*words):
        done = subprocess.run(["git", *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--initial-branch", "trunk")
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--allow-empty", "-m", "Begin")
    return git("rev-parse", "HEAD")


SYSTEMS = {
    "GitHub Actions": {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": "c1",
        "GITHUB_REF": "refs/heads/feature/x",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "shop/web",
        "GITHUB_RUN_ID": "7",
    },
    "GitLab": {
        "GITLAB_CI": "true",
        "CI_COMMIT_SHA": "c1",
        "CI_COMMIT_BRANCH": "feature/x",
        "CI_JOB_URL": "https://gitlab.com/jobs/7",
    },
    "CircleCI": {
        "CIRCLECI": "true",
        "CIRCLE_SHA1": "c1",
        "CIRCLE_BRANCH": "feature/x",
        "CIRCLE_BUILD_URL": "https://circleci.com/7",
    },
    "Jenkins": {
        "JENKINS_URL": "https://jenkins",
        "GIT_COMMIT": "c1",
        "GIT_BRANCH": "origin/feature/x",
        "BUILD_URL": "https://jenkins/job/7",
    },
    "Azure DevOps": {
        "TF_BUILD": "True",
        "BUILD_SOURCEVERSION": "c1",
        "BUILD_SOURCEBRANCH": "refs/heads/feature/x",
        "SYSTEM_TEAMFOUNDATIONSERVERURI": "https://dev.azure.com/shop/",
        "SYSTEM_TEAMPROJECT": "web",
        "BUILD_BUILDID": "7",
    },
    "Buildkite": {
        "BUILDKITE": "true",
        "BUILDKITE_COMMIT": "c1",
        "BUILDKITE_BRANCH": "feature/x",
        "BUILDKITE_BUILD_URL": "https://buildkite.com/shop/builds/7",
    },
    "Bitbucket": {
        "BITBUCKET_BUILD_NUMBER": "7",
        "BITBUCKET_COMMIT": "c1",
        "BITBUCKET_BRANCH": "feature/x",
        "BITBUCKET_REPO_FULL_NAME": "shop/web",
    },
    "Travis CI": {
        "TRAVIS": "true",
        "TRAVIS_COMMIT": "c1",
        "TRAVIS_BRANCH": "feature/x",
        "TRAVIS_BUILD_WEB_URL": "https://travis-ci.com/7",
    },
    "AppVeyor": {
        "APPVEYOR": "True",
        "APPVEYOR_REPO_COMMIT": "c1",
        "APPVEYOR_REPO_BRANCH": "feature/x",
        "APPVEYOR_URL": "https://ci.appveyor.com",
        "APPVEYOR_ACCOUNT_NAME": "shop",
        "APPVEYOR_PROJECT_SLUG": "web",
        "APPVEYOR_BUILD_ID": "7",
    },
}
URLS = {
    "GitHub Actions": "https://github.com/shop/web/actions/runs/7",
    "GitLab": "https://gitlab.com/jobs/7",
    "CircleCI": "https://circleci.com/7",
    "Jenkins": "https://jenkins/job/7",
    "Azure DevOps": "https://dev.azure.com/shop/web/_build/results?buildId=7",
    "Buildkite": "https://buildkite.com/shop/builds/7",
    "Bitbucket": "https://bitbucket.org/shop/web/pipelines/results/7",
    "Travis CI": "https://travis-ci.com/7",
    "AppVeyor": "https://ci.appveyor.com/project/shop/web/builds/7",
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_ci_system_says_what_it_builds(system):
    assert detect(SYSTEMS[system]) == Build(system, "c1", "feature/x", URLS[system])


@pytest.mark.parametrize(
    ("system", "variables"),
    [
        ("GitHub Actions", {"GITHUB_HEAD_REF": "topic", "GITHUB_REF": "refs/pull/5/merge"}),
        ("GitLab", {"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic", "CI_COMMIT_BRANCH": ""}),
        ("Jenkins", {"CHANGE_BRANCH": "topic", "BRANCH_NAME": "PR-5"}),
        ("Azure DevOps", {"SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/topic"}),
        ("Travis CI", {"TRAVIS_PULL_REQUEST_BRANCH": "topic"}),
        ("AppVeyor", {"APPVEYOR_PULL_REQUEST_HEAD_REPO_BRANCH": "topic"}),
    ],
)
def test_a_pull_request_is_built_from_its_own_branch(system, variables):
    assert detect(SYSTEMS[system] | variables).branch == "topic"


def test_the_name_of_a_git_tag_is_no_branch():
    assert detect(SYSTEMS["GitHub Actions"] | {"GITHUB_REF": "refs/tags/v1"}).branch is None


def test_git_says_what_no_ci_system_does(repository):
    assert detect({}) == Build("git", repository, "trunk", None)


def test_a_commit_that_is_not_named_comes_from_git(repository):
    assert detect(SYSTEMS["Buildkite"] | {"BUILDKITE_COMMIT": "HEAD"}).commit == repository


def test_a_detached_commit_has_no_branch(repository):
    subprocess.run(["git", "checkout", "--detach"], check=True, capture_output=True)

    assert detect({}) == Build("git", repository)


def test_outside_of_a_repository_nothing_is_known(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

    assert detect({}) == Build("git")


def test_without_git_nothing_is_known(monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert detect({}) == Build("git")
