"""Which emulator answers for which provider."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from ingestion.snapshot import energidataservice, klimaregnskabet, statbank
from ingestion.snapshot.protocol import Answer, Request, text_answer


def holds_nothing(request: Request) -> Answer:
    """Of a provider whose figures the snapshot does not hold."""
    return text_answer(f"The snapshot holds nothing of {request.path}.", 404)


EMULATORS: Mapping[str, Callable[[Request], Answer]] = {
    "statbank": statbank.answer,
    "energidataservice": energidataservice.answer,
    "klimaregnskabet": klimaregnskabet.answer,
    "dmi": holds_nothing,
}


def require_provider(provider: str) -> None:
    """Refuse a provider that the snapshot does not hold.

    Raises:
        ValueError: with the providers it does hold.
    """
    if provider not in EMULATORS:
        raise ValueError(f"The snapshot holds {', '.join(EMULATORS)}, not {provider!r}.")


def answer(provider: str, request: Request) -> Answer:
    """What the provider answers to the request, with length and, for GET, an entity tag.

    Raises:
        ValueError: unknown provider.
    """
    require_provider(provider)
    return with_length(with_entity_tag(request, EMULATORS[provider](request)))


def with_entity_tag(request: Request, answer: Answer) -> Answer:
    """Tag a successful GET by its content; answer 304 to a client that holds the same."""
    if request.method != "GET" or answer.status != 200:
        return answer
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == tag:
        return Answer(304, {"ETag": tag})
    return replace(answer, headers={**answer.headers, "ETag": tag})


def with_length(answer: Answer) -> Answer:
    """State the length of the body."""
    return replace(answer, headers={**answer.headers, "Content-Length": str(len(answer.body))})
