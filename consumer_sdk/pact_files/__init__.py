"""What tests record, and the pact files that it becomes."""

from consumer_sdk.pact_files.file_names import file_name
from consumer_sdk.pact_files.recording import SPECIFICATIONS, Recording
from consumer_sdk.pact_files.recordings import Recordings

__all__ = ["SPECIFICATIONS", "Recording", "Recordings", "file_name"]
