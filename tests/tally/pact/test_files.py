import json

import pytest
from support.raw_pacts import document, http

from tally.errors import InvalidContractError
from tally.pact import load_pact


def test_a_pact_is_loaded_from_a_file_even_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "shop-orders.json"
    file.write_text(json.dumps(document(http())), "utf-8-sig")

    assert load_pact(file).provider == "Orders"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"consumer": {"name"', "is not valid JSON (line 1, column 21"),
        (b'{"consumer": "\xff"}', "is not UTF-8 text (byte 14)"),
        (b"[" * 100_000, "is nested too deeply"),
        (b"{}", "interactions: expected a list of interactions"),
    ],
)
def test_a_file_that_is_no_pact_is_refused_with_its_name(tmp_path, content, message):
    file = tmp_path / "broken.json"
    file.write_bytes(content)

    with pytest.raises(InvalidContractError) as refused:
        load_pact(file)

    assert str(refused.value).startswith(f"{file}: ")
    assert message in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidContractError, match=r"nowhere\.json: cannot be read: No such file"):
        load_pact(tmp_path / "nowhere.json")
