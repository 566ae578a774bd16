"""How long texts may be, in characters: the same on every database.

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
