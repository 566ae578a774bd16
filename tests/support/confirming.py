"""Confirming what a tool says that it would write."""

import re


def confirmed(tool, sources, arguments):
    """Call a tool that writes. Where *arguments* have `confirm`, and it is true, confirm what it shows."""
    is_asked = isinstance(arguments.get("confirm"), bool)
    given = {name: value for name, value in arguments.items() if name != "confirm" or not is_asked}
    shown = tool.call(sources, given)
    if arguments.get("confirm") is not True or "will" not in shown.get("data", {}):
        return shown
    return tool.call(sources, {**given, "confirm": code_in(shown)})


def code_in(shown):
    """Return the code of what a tool shows that it would write."""
    [code] = re.findall(r'confirm: "([0-9a-f]+)"', shown["next"][-1])
    return code
