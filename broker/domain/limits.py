"""How long texts and lists may be: texts in characters, the same on every database.

An entry of an index of PostgreSQL has at most 2704 bytes: 650 characters of four bytes, and some numbers. No
limit of a name may be higher.
"""

NAME = 255
"""Pacticipants, environments, labels, secrets, application instances, identifiers."""
REFERENCE = 500
"""Version numbers, branches and tags: longer, because they are often made of other names. They share one
limit, because a tag may become a branch."""
LINE = 1000
"""Descriptions and display names, which no index has."""
URL = 2048
WHOLE_NUMBER = 2_147_483_647
"""What an integer column of PostgreSQL holds."""
SECRET = 65_536
"""Values of secrets, passwords, headers."""
TEMPLATE = 262_144
"""The body of a webhook, as JSON."""
DETAILS = 65_536
"""What is said of one contact of an environment, as JSON."""
TAGS = 200
CONTRACTS = 200
"""Contracts in one publication."""
INTERACTIONS = 20_000
"""Interactions, or messages, in one pact."""
OPERATIONS = 5000
"""Operations in one service contract."""
DOCUMENTS = 20
"""Documents of one version of a service."""
YAML = 4_000_000
"""Bytes of one document in YAML, which takes some hundred times as long to read as JSON."""
RESULT_TEXT = 1_000_000
"""Bytes of the output of a provider's own tests that are kept; the rest is cut off."""
PARTICIPANTS = 100
"""Versions that took part in one scenario."""
PLACES = 50
"""Places of a service contract in one question."""
SELECTORS = 200
"""Selectors in one question."""
CONTACTS = 50
DEPLOYERS = 100
HOSTS = 50
EVENTS = 20
GATES = 100
HEADERS = 100
PARAMETERS = 1000
"""Parameters in one query string."""
FORM = 1_048_576
"""Bytes of a form of a page; the longest body of a webhook takes three times its length in one."""
VALUES = 2_000_000
"""Values in one JSON body: objects, lists, texts, numbers. Each takes many times its text in memory."""
MESSAGES = 50
"""Sentences about what is wrong with one field."""
