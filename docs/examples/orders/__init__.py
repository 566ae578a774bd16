"""The provider: a small orders service, with Flask and SQLite."""
