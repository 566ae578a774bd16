"""Drafts of consumer tests, as an assistant is given them, and what runs them."""

import json
import subprocess
import sys
from pathlib import Path

from tally.assistants.drafting.drafts import draft_consumer_test
from tally.assistants.sources.files import Files
from tally.assistants.sources.sources import Sources
from tally.assistants.tool import Tool

NAMES = {"consumer": "Shop", "provider": "Orders"}
_PATIENCE = 120


def drafted(language="python", *, pacts=(), contracts=(), folder=None, **arguments):
    """Return the answer with its data; the pages of a long test are put together."""
    sources = Sources(None, Files(tuple(pacts), tuple(contracts)), folder)
    asked = {"language": language, **arguments}
    first = Tool(draft_consumer_test).call(sources, asked)
    for page in range(2, first["data"].get("pages", 1) + 1):
        following = Tool(draft_consumer_test).call(sources, {**asked, "page": page})
        first["data"]["text"] += following["data"]["text"]
    return first


def written(folder, document):
    """Write the test into the folder; return its file."""
    path = folder / document["data"]["file"]
    path.write_text(document["data"]["text"], encoding="utf-8")
    return path


def run_with_pytest(folder):
    """Run what is in the folder, and return the pact that it recorded."""
    run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".", cwd=folder)
    [pact] = (folder / "pacts").iterdir()
    return pact


def run(*command, cwd):
    """Run a program that has to end well."""
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def an_openapi(path, operations, *, schemas=None):
    """Write a contract of the service Orders with these operations by path and method; return its file."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Orders", "version": "1"},
        "paths": operations,
        "components": {"schemas": schemas or {}},
    }
    file = Path(path) / "openapi.json"
    file.write_text(json.dumps(document))
    return file


def a_pact_file(path, *interactions, consumer="Shop", provider="Orders"):
    """Write a pact of V4 with these interactions; return its file."""
    document = {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": [{"type": "Synchronous/HTTP", **each} for each in interactions],
        "metadata": {"pactSpecification": {"version": "4.0"}},
    }
    file = Path(path) / "pact.json"
    file.write_text(json.dumps(document))
    return file


def an_interaction(description="an order is read", *, body=None, rules=None, **parts):
    """Return an interaction of V4 whose answer has this body of JSON."""
    response = {"status": 200}
    if body is not None:
        response["body"] = {"content": body, "contentType": "application/json", "encoded": False}
        matchers = {place: {"matchers": [rule]} for place, rule in (rules or {}).items()}
        response["matchingRules"] = {"body": matchers}
    request = {"method": "GET", "path": "/orders/7", **parts.pop("request", {})}
    return {"description": description, "request": request, "response": response, **parts}
