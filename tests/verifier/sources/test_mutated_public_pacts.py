"""Public pacts, broken at random: a verdict or a reason, never a traceback, never an unfounded pass.

`make endure` tries 10,000.
"""

import json
import sys
from types import ModuleType

import pytest
from click.testing import CliRunner
from support.pact_mutants import mutant
from support.searching import TIMES

from consumer_sdk.pact_files import Recording, Recordings, file_name
from tally.errors import TallyError
from tally.pact import load_pact
from verifier.cli import verify

COUNT = 250 * TIMES
PARTS = 5
RECORDED = {
    "description": "recorded by a test",
    "type": "Synchronous/HTTP",
    "request": {"method": "GET", "path": "/"},
    "response": {"status": 200},
}
UNLIKE = b'{"\\u0000": "unlike"}', b'[["unlike"]]'


@pytest.fixture
def application(monkeypatch):
    """An application that answers everything with its *answer*: a status and a body of JSON."""
    module = ModuleType("answering_application")

    def app(environ, start_response):
        is_about_states = environ["PATH_INFO"] == "/_states"
        status, body = ("200 OK", b"{}") if is_about_states else module.answer
        start_response(status, [("Content-Type", "application/json")])
        return [body]

    module.app = app
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.fixture
def verified(application, monkeypatch, tmp_path):
    """Verify the text of a pact against an answer; return the result of the command."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    file, urls = tmp_path / "pact.json", ("--state-change-url", "/_states", "--message-url", "/_messages")

    def verified(text, status, body):
        application.answer = status, body
        file.write_bytes(text)
        return CliRunner().invoke(verify, [str(file), "--app", "answering_application:app", *urls])

    return verified


@pytest.mark.parametrize("part", range(PARTS))
def test_a_broken_public_pact_has_a_verdict_or_a_reason_and_never_an_unfounded_pass(verified, part):
    for seed in range(part, COUNT, PARTS):
        text = mutant(seed)
        refused = verified(text, "418 I'm a Teapot", b"")
        unlike = verified(text, "200 OK", unlike_the_example(text))

        for ended in (refused, unlike):
            assert ended.exit_code in {0, 1, 2}, (seed, ended.output, ended.exception)
            assert isinstance(ended.exception, SystemExit | None), (seed, ended.exception)
        assert refused.exit_code or may_pass(text, "status"), (seed, text, refused.output)
        assert unlike.exit_code or may_pass(text, "body"), (seed, text, unlike.output)


@pytest.mark.parametrize("part", range(PARTS))
def test_merging_with_a_broken_public_pact_works_or_is_refused(tmp_path, part):
    for seed in range(part, COUNT, PARTS):
        text = mutant(seed)
        pair, specification = pair_in(text), ("V2", "V3", "V4")[seed % 3]
        folder, recordings = tmp_path / f"{seed}", Recordings(tmp_path / f"{seed}-recordings")
        folder.mkdir()
        path = folder / file_name(*pair)
        path.write_bytes(text)

        try:
            recordings.add(Recording(*pair, specification, "interactions", RECORDED, "a test"))
            recordings.write(folder, merge=True)
        except TallyError:
            assert path.read_bytes() == text, seed
        else:
            assert load_pact(path).specification[0] == specification[1], seed


def pair_in(text):
    """Return the names in a pact, if it has any that are text."""
    try:
        document = json.loads(text)
        names = document["consumer"]["name"], document["provider"]["name"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "a consumer", "a provider"
    return names if all(isinstance(name, str) and name for name in names) else ("a consumer", "a provider")


def unlike_the_example(text):
    """Return a body of another type than the example of the first interaction."""
    return UNLIKE[isinstance(example_in(text), dict)]


def example_in(text):
    """Return what the first interaction expects as body or contents, as far as a reader can tell."""
    part = expected_part(text)
    named = [value for name, value in part.items() if name.lower() in {"body", "contents"}]
    example = named[0] if named else None
    if isinstance(example, dict) and example.keys() <= {"contentType", "encoded"}:
        return None  # an envelope without content
    return example.get("content", example) if isinstance(example, dict) else example


def expected_part(text):
    try:
        document = json.loads(text)
        interaction = (document.get("interactions") or document["messages"])[0]
        part = interaction.get("response", interaction)
        return part if isinstance(part, dict) else {}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


def may_pass(text, what):
    """Whether a pact may accept an answer that is unlike its example: it has rules, or no example."""
    part = expected_part(text)
    if part.get("matchingRules") or part.get("generators") or part.get("responseMatchingRules"):
        return True
    return "418" in text.decode() if what == "status" else example_in(text) in (None, "", {}, [])
