import json
from pathlib import Path

import pytest

from tally.matching import match_message, match_request, match_response
from tally.pact.http_parts import read_request, read_response
from tally.pact.message_parts import read_message, read_v4_message
from verifier.contracts.cases import BODIES

CASES = Path(__file__).parents[2] / "data" / "pact-specification"
VERSIONS = {"v1": "1.0.0", "v1.1": "1.1.0", "v2": "2.0.0", "v3": "3.0.0", "v4": "4.0"}


def request(part, version):
    return read_request({"request": {"method": "POST", "path": "/"} | part}, "", version)


def response(part, version):
    if version == "4.0" and isinstance(
        part.get("body"), list
    ):  # one case forgot the envelope around the body
        part = part | {"body": {"content": part["body"]}}
    return read_response({"response": part}, "", version)


def message(part, version):
    return read_v4_message(part, "") if version == "4.0" else read_message(part, "")


PARTS = {
    "request": (request, match_request),
    "response": (response, match_response),
    "message": (message, match_message),
}


@pytest.mark.parametrize(
    "case", [path.relative_to(CASES) for path in sorted(CASES.glob("*/*/*/*.json"))], ids=str
)
def test_a_case_of_the_specification_is_judged_as_it_says(case):
    version, part = case.parts[:2]
    read, match = PARTS[part]
    document = json.loads((CASES / case).read_text("utf-8-sig"))

    expected = read(document["expected"], VERSIONS[version])
    actual = read(document["actual"], VERSIONS[version])
    mismatches = match(expected, actual, bodies=BODIES)

    assert (mismatches == ()) is document["match"], [mismatch.message for mismatch in mismatches]
