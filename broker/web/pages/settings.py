"""The settings that are in force, for those who may write: they tell how the broker is connected."""

from flask import Response

from broker.domain.accounts.permissions import Action
from broker.services.settings_in_force import SettingInForce, in_force
from broker.web.context import settings as chosen
from broker.web.description.needs import Needs
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render
from broker.web.pages.tables import Column, Table

TABLE: Table[tuple[str, SettingInForce]] = Table(
    "settings",
    (
        Column("section", "", lambda row: row[0]),
        Column("setting", "Setting", lambda row: row[1].variable),
        Column("value", "Value", lambda row: row[1].value),
        Column("isDefault", "Where from", lambda row: row[1].is_default),
        Column("default", "", lambda row: row[1].default),
        Column("description", "What it is", lambda row: row[1].description),
    ),
)


@forms.page("settings", needs=Needs(Action.ADMINISTER))
def settings(_form: Form) -> Response:
    """Show the settings."""
    sections = in_force(chosen())
    rows = [(section, item) for section, items in sections.items() for item in items]
    return TABLE.download(rows) or render("settings.html", sections=sections)
