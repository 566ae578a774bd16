import pytest

from broker.domain.verifications.url_metadata import Metadata, decode, encode


def test_a_consumer_version_is_encoded_as_a_pact_broker_does():
    assert encode(Metadata(("2",))) == "Y3ZuPTI"


@pytest.mark.parametrize(
    "metadata",
    [
        Metadata(("1.0 beta/ü",)),
        Metadata(("2", "1"), pending=True),
        Metadata(("1",), pending=False),
        Metadata(("1",), wip=True),
    ],
)
def test_what_is_encoded_can_be_read_again(metadata):
    assert decode(encode(metadata)) == metadata


@pytest.mark.parametrize("segment", ["Y3ZuPTI=", "Y3ZuPTI=="])
def test_padding_is_accepted(segment):
    assert decode(segment).consumer_versions == ("2",)


@pytest.mark.parametrize("segment", ["", "?", "ä", "_____", "Zm9v"])
def test_what_cannot_be_read_says_nothing(segment):
    assert decode(segment) == Metadata()


def test_a_url_stays_short_however_many_versions_have_the_content():
    many = tuple(str(number) for number in range(1000))

    assert len(encode(Metadata(many))) < 500
