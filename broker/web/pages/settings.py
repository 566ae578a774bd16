"""The settings that are in force, for those who may write: they tell how the broker is connected."""

from flask import Response

from broker.services.settings_in_force import in_force
from broker.web.context import settings as chosen
from broker.web.pages import forms
from broker.web.pages.forms import Form
from broker.web.pages.rendering import render


@forms.page("settings")
def settings(_form: Form) -> Response:
    """Show the settings."""
    return render("settings.html", sections=in_force(chosen()))
