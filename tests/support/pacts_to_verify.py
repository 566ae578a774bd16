"""The pacts that a provider is to verify, and what is read of them."""

import re

URL = "/pacts/provider/Orders/for-verification"


def names(pacts):
    return [pact["_links"]["self"]["name"] for pact in pacts]


def texts(pact, when="before_verification"):
    return [notice["text"] for notice in pact["verificationProperties"]["notices"] if notice["when"] == when]


def after(pact, *, success, published):
    [text] = texts(pact, f"after_verification:success_{success}_published_{published}".lower())
    return text


def as_query(body):
    """Return the parameters of the deprecated GET that ask for what *body* asks for by POST."""
    pairs = []
    for name, value in body.items():
        key = _snake(name)
        if name == "consumerVersionSelectors":
            for index, selector in enumerate(value):
                pairs += [(f"{key}[{index}][{_snake(field)}]", given) for field, given in selector.items()]
        elif isinstance(value, list):
            pairs += [(f"{key}[]", item) for item in value]
        else:
            pairs.append((key, value))
    return [(key, str(value).lower() if isinstance(value, bool) else value) for key, value in pairs]


def _snake(name):
    return re.sub(r"[A-Z]", lambda letter: "_" + letter[0].lower(), name)
