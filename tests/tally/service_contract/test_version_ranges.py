import pytest

from tally.errors import InvalidContractError
from tally.service_contract.version_ranges import parse_range


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=1.4 <2", ["1.4", "1.4.0", "1.9.9", "v1.5", "1.10"], ["1.3.9", "2", "2.0.0", "1.4.0-rc.1"]),
        (">=1.4, <2", ["1.4"], ["2"]),
        (">= 1.4 < 2", ["1.4"], ["2"]),
        ("^1.4", ["1.4", "1.99"], ["1.3", "2.0"]),
        ("^0.4.1", ["0.4.1", "0.4.9"], ["0.4.0", "0.5"]),
        ("^0.0", ["0.0.7"], ["0.1"]),
        ("~1.4.2", ["1.4.2", "1.4.9"], ["1.4.1", "1.5"]),
        ("~1", ["1.9"], ["2"]),
        ("1.4.0", ["1.4", "1.4.0+build.7"], ["1.4.1"]),
        ("!=1.4 >1", ["1.5"], ["1.4", "1"]),
        ("<1 || >=2.1", ["0.9", "2.1"], ["1", "2"]),
        ("*", ["0", "1.2.3-x", "6625c8a", "main"], []),
        (">=3 || *", ["main"], []),
        (">=2", ["2.0.0+linux"], ["2.0.0-rc1"]),
        (">1.0.0-alpha.2", ["1.0.0-alpha.10", "1.0.0-beta", "1.0.0"], ["1.0.0-alpha.1", "1.0.0-alpha.2"]),
        ("<=2024.11", ["2024.11", "2024.2"], ["2024.12"]),
    ],
)
def test_a_range_accepts_versions_in_the_order_of_semantic_versioning(text, inside, outside):
    versions = parse_range(text)

    assert [each for each in inside if not versions.accepts(each)] == []
    assert [each for each in outside if versions.accepts(each)] == []


@pytest.mark.parametrize("version", ["", "main", "6625c8a", "1.x", "1..2"])
def test_what_is_no_version_cannot_be_compared(version):
    assert parse_range(">=1").accepts(version) is None


@pytest.mark.parametrize(
    "text", ["", " ", "1.4+ or so", ">=", ">=x", "=>1", "1.x", ">=1 ||", "1 - 2", "|| 1", ">=1 &", "9" * 300]
)
def test_what_is_no_range_is_refused(text):
    with pytest.raises(InvalidContractError, match="range of versions"):
        parse_range(text)
