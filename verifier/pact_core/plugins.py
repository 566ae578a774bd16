"""Installed plugins of the Rust core of pact-python."""

import os
from pathlib import Path


def plugins_home() -> Path:
    """Return the folder of the plugins: PACT_PLUGIN_DIR, or ~/.pact/plugins."""
    return Path(os.environ.get("PACT_PLUGIN_DIR") or Path.home() / ".pact" / "plugins")


def plugin_is_installed(name: str) -> bool:
    """Whether any version of the plugin *name* is installed."""
    return any(plugins_home().glob(f"{name}-*/pact-plugin.json"))
