"""The pacts that a provider is to verify, and what is read of them."""

URL = "/pacts/provider/Orders/for-verification"


def names(pacts):
    return [pact["_links"]["self"]["name"] for pact in pacts]


def texts(pact, when="before_verification"):
    return [notice["text"] for notice in pact["verificationProperties"]["notices"] if notice["when"] == when]


def after(pact, *, success, published):
    [text] = texts(pact, f"after_verification:success_{success}_published_{published}".lower())
    return text
