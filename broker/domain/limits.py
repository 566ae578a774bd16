"""How long texts may be, in characters: the same on every database.

PostgreSQL finds names in indexes, which have room for 2704 bytes: 650 characters of four bytes, and numbers
beside them. No limit of a name may be higher.
"""

NAME = 255
"""Pacticipants, environments, labels, secrets, application instances, identifiers."""
REFERENCE = 500
"""Version numbers, branches and tags: they are often made of other names, and a tag may become a branch."""
LINE = 1000
"""Descriptions, names for display: what is shown, and never looked up."""
URL = 2048
SECRET = 65_536
"""Values of secrets, passwords, headers."""
