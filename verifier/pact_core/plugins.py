"""Plugins for the Rust core of pact-python: where they are installed."""

import os
from pathlib import Path


def plugins_home() -> Path:
    """Return where the Rust core looks for plugins: PACT_PLUGIN_DIR, or ~/.pact/plugins."""
    return Path(os.environ.get("PACT_PLUGIN_DIR") or Path.home() / ".pact" / "plugins")


def plugin_is_installed(name: str) -> bool:
    """Whether some version of the plugin *name* is there."""
    return any(plugins_home().glob(f"{name}-*/pact-plugin.json"))
