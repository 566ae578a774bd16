"""Options that say what is sent beside the examples of a service contract."""

import click

from tally.option_values import Number, WholeNumber
from verifier.generation.settings import DEFAULT_MOST, EXAMPLES

GENERATION = (
    click.option(
        "--workflow", "workflows", multiple=True, metavar="FILE",
        help="An Arazzo document with workflows of the service contract; may be repeated.",
    ),
    click.option(
        "--phases", default=EXAMPLES, show_default=True, metavar="PHASES",
        help="What is sent of a service contract: examples, valid (generated requests), invalid (requests "
        "that break one rule each), workflows (chains of requests); several are separated by commas. All but "
        "examples may write to the provider what nobody has written down.",
    ),
    click.option(
        "--max-examples", type=WholeNumber(min=1), default=DEFAULT_MOST, show_default=True, metavar="NUMBER",
        help="How many requests each phase generates at most for an operation.",
    ),
    click.option(
        "--seed", type=WholeNumber(min=0), default=0, show_default=True, metavar="NUMBER",
        help="The same seed generates the same requests.",
    ),
    click.option(
        "--coverage-min", type=Number(min=0, max=100), metavar="PERCENT",
        help="Fail when less of the service contract is seen: operations, statuses, media types, error "
        "conditions, and optional properties both present and absent.",
    ),
)  # fmt: skip
"""Options about generated requests and coverage."""
