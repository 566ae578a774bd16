import pytest

from tally.errors import UsageError
from tally.interfaces.contracts import contract_of
from tally.interfaces.docstrings import examples_in_docstring, read_docstring

GOOGLE = """Say what it costs.

    More about it.

    Args:
        sku (str): what it is,
            in words
        quantity: how many
    Returns:
        the price
    Raises:
        NotSold: nobody sells it
        shop.errors.Closed: too late
    """
NUMPY = """Say what it costs.

    More about it.

    Parameters
    ----------
    sku : str
        what it is,
        in words
    quantity : int, optional
        how many

    Raises
    ------
    NotSold
        nobody sells it
    shop.errors.Closed
        too late
    """
SPHINX = """Say what it costs.

    More about it.

    :param str sku: what it is,
        in words
    :param quantity: how many
    :raises NotSold: nobody sells it
    :raises shop.errors.Closed: too late
    :returns: the price
    """


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_a_docstring_is_read_in_every_style(text):
    def price():
        pass

    price.__doc__ = text

    found = read_docstring(price)

    assert found.text == "Say what it costs.\n\nMore about it."
    assert found.parameters == {"sku": "what it is, in words", "quantity": "how many"}
    assert found.errors == {"NotSold": "nobody sells it", "Closed": "too late"}


def test_examples_are_those_of_doctest():
    def price():
        """Say what it costs.

        >>> price("tea")
        250
        >>> price("coal")
        Traceback (most recent call last):
        shop.NotSold: coal
        """

    first, second = examples_in_docstring(price)

    assert (first.source, first.wanted, first.error) == ('price("tea")', "250", None)
    assert (second.source, second.error) == ('price("coal")', "NotSold")
    assert read_docstring(price).text == "Say what it costs."


def test_an_example_that_is_written_wrong_is_refused():
    class Shop:
        def price(self, sku: str) -> int:
            """Say what it costs.

            >>>shop.price("tea")
            250
            """

    with pytest.raises(UsageError, match=r"Shop\.price: its docstring has an example that is none: .*blank"):
        contract_of(Shop)


def test_what_has_no_docstring_says_nothing():
    assert read_docstring(lambda: None).text == ""
