"""A client of the API of accounts, with a token for each request."""

from functools import cached_property

from support.accounts import bearer


class Api:
    """Send requests with a token, and return answers."""

    def __init__(self, make_client):
        self._make_client = make_client

    @cached_property
    def client(self):
        return self._make_client()

    def __call__(self, method, path, token=None, body=None):
        headers = bearer(token) if token else {}
        return self.client.open(path, method=method, headers=headers, json=body)

    def ok(self, method, path, token=None, body=None):
        """Return the document of an answer that must be good."""
        answer = self(method, path, token, body)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.get_data(as_text=True))
        return answer.json

    def error(self, method, path, token=None, body=None):
        """Return the status, and the sentence or the sentences by field, of a refusal."""
        answer = self(method, path, token, body)
        assert answer.status_code >= 400, (method, path, answer.get_data(as_text=True))
        return answer.status_code, answer.json.get("error") or answer.json["errors"]
