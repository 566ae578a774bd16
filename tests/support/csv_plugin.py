"""The plugin of `tests/plugins`, installed where the Rust core looks for plugins."""

import json
import sys
from pathlib import Path

PLUGIN = Path(__file__).parents[1] / "plugins" / "csv_plugin.py"
MANIFEST = {
    "manifestVersion": 1,
    "pluginInterfaceVersion": 1,
    "name": "csv",
    "version": "0.0.1",
    "executableType": "exec",
    "entryPoint": "plugin",
    "dependencies": [],
}


def installed(directory: Path) -> Path:
    """Install the plugin below *directory*; return what PACT_PLUGIN_DIR is to be."""
    folder = directory / "plugins" / "csv-0.0.1"
    folder.mkdir(parents=True)
    (folder / "pact-plugin.json").write_text(json.dumps(MANIFEST))
    (folder / "plugin").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PLUGIN}"\n')
    (folder / "plugin").chmod(0o755)
    return folder.parent
