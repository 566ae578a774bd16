"""Options about reports, and about publishing results."""

import click

REPORTS = (
    click.option(
        "--verbose", is_flag=True,
        help="In the text, write every failure in full, also those that are like one before.",
    ),
    click.option(
        "-j", "--json", "json_file", envvar="PACT_VERIFIER_JSON_REPORT", metavar="FILE",
        help="Write the report as JSON.",
    ),
    click.option(
        "-x", "--junit", "junit_file", envvar="PACT_VERIFIER_JUNIT_REPORT", metavar="FILE",
        help="Write the report as JUnit XML, which CI systems show.",
    ),
    click.option(
        "--html", "html_file", envvar="PACT_VERIFIER_HTML_REPORT", metavar="FILE",
        help="Write the report as one self-contained HTML page.",
    ),
    click.option(
        "--github/--no-github", default=None,
        help="Annotate the build and write its summary; the default in GitHub Actions.",
    ),
)  # fmt: skip
"""Options about reports as text, in files and in GitHub Actions."""

PUBLISHING = (
    click.option("--publish", is_flag=True, help="Publish the results to the broker."),
    click.option(
        "--provider-version", envvar="PACT_PROVIDER_VERSION", metavar="VERSION",
        help="The version that is verified, preferably a commit.",
    ),
    click.option(
        "--provider-branch", envvar="PACT_PROVIDER_BRANCH", metavar="BRANCH",
        help="The branch of that version.",
    ),
    click.option(
        "--provider-tags", multiple=True, envvar="PACT_PROVIDER_TAGS", metavar="TAGS",
        help="Tags of that version (comma-separated).",
    ),
    click.option("--build-url", envvar="PACT_BUILD_URL", metavar="URL", help="The build that runs this."),
)  # fmt: skip
"""Options about publishing, and the version that is verified."""
