"""Options that several commands of the broker have."""

import click

database_url_option = click.option(
    "--database-url", metavar="URL", help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
)
