"""The settings of the broker, by what they are about. `broker/settings/settings.py` puts them together."""
