"""The settings of the broker, by what they are about. `broker/settings.py` puts them together."""
