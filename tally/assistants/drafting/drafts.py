"""Tools that write a test for a developer: by rules, and nothing is sent anywhere."""

from typing import Annotated, Literal

from tally.assistants.answers import Answer
from tally.assistants.sources.sources import Sources


def draft_consumer_test(  # noqa: PLR0913 - what an assistant may say, all named at the call
    sources: Sources,
    *,
    language: Annotated[
        Literal["python", "javascript", "java"], "For this SDK, for pact-js, or for pact-jvm."
    ],
    operation: Annotated[
        str | None, 'An operation of a service contract: its id, or "GET /orders/{id}".'
    ] = None,
    har: Annotated[
        str | None, "One entry of a HAR file: its JSON, or the path of a file, FILE#2 for the second."
    ] = None,
    interaction: Annotated[str | None, "The description of an interaction of a pact."] = None,
    consumer: Annotated[str | None, "The application that sends the request; that of the pact."] = None,
    provider: Annotated[str | None, "The application that answers it; that of the contract or pact."] = None,
    status: Annotated[int | None, "Which answer of the operation; the success if left out."] = None,
    page: Annotated[int, "A long test comes in pages: put their texts together as they are."] = 1,
) -> Answer:
    """Write a consumer test that runs: from an operation of a service contract, a HAR entry or a pact.

    Give one of operation, har and interaction. The test is made by rules; it declares the request and the
    answer, sends the request with a plain HTTP client, and says where the consumer's own client belongs.
    """
    # What reads contracts is slow to load, and most questions are others.
    from tally.assistants.drafting.answering import DraftQuestion, drafted_test  # noqa: PLC0415 - see above

    question = DraftQuestion(operation, har, interaction, consumer, provider, status)
    return drafted_test(sources, question, language=language, page=page)
