"""The provider: its address, its process, its states and messages, and requests to it."""
