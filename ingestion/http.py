"""HTTP as providers want it: paced, patient, bounded, and honest about what they said.

Retries come from urllib3's ``Retry``. What it cannot see is added here: a pause between requests
to the same data set, bodies that break off midway, answers that unfold without end, and a
``Retry-After`` longer than anybody should wait.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, ResponseError
from urllib3.util.retry import Retry

from ingestion.errors import AnswerError, BudgetSpentError, ProviderError

USER_AGENT = "klimamonitor/0.1 (monitoring of the Danish climate alliance of municipalities)"
TIMEOUT_SECONDS = (5, 30)
MAX_BYTES = 500_000_000
LONGEST_WAIT_SECONDS = 300
LONGEST_ANSWER_SECONDS = 900
BODY_ATTEMPTS = 2
FIRST_PAUSE = 0.05
LONGEST_LEARNED_PAUSE = 5.0
BROKEN_BODY = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    requests.exceptions.ConnectionError,
)
RateLimited = Callable[[bytes], float | None]


@dataclass
class Budget:
    """How many requests a provider may be asked on one day, every retry and redirect counted."""

    provider: str
    most: int
    spent: int = 0

    def spend(self) -> None:
        """Count one request.

        Raises:
            BudgetSpentError: there is none left.
        """
        if self.spent >= self.most:
            raise BudgetSpentError(
                "budget-spent",
                f"{self.provider}: all {self.most} requests of today are used up.",
                "It is asked again tomorrow; requests_per_day is in ingestion/providers.yml.",
            )
        self.spent += 1


# The budget of the request that is on its way: urllib3 copies its Retry, so that cannot hold it.
ASKING: ContextVar[Budget | None] = ContextVar("asking", default=None)


def _count() -> None:
    budget = ASKING.get()
    if budget is not None:
        budget.spend()


class CountingAdapter(HTTPAdapter):
    """Counts every request that goes out, those after a redirect too."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request, if the budget allows."""
        _count()
        return super().send(*args, **kwargs)


class PatientRetry(Retry):
    """Retry that gives up at once when the provider asks for a longer wait than allowed.

    With ``raise_on_status=False`` giving up hands back the answer, its words still unread.
    """

    def increment(self, *args: Any, **kwargs: Any) -> "PatientRetry":
        """Count one more try, or raise when the wait asked for is too long."""
        response = kwargs.get("response")
        asked = self.get_retry_after(response) if response is not None else None
        if response is not None and asked is not None and asked > LONGEST_WAIT_SECONDS:
            reason = ResponseError(f"asked to wait {asked:.0f} seconds")
            raise MaxRetryError(kwargs["_pool"], str(kwargs.get("url", "")), reason)
        tried = super().increment(*args, **kwargs)
        _count()
        return tried


def build_session() -> requests.Session:
    """A session that names the project and retries what is transient, and only that."""
    retry = PatientRetry(
        total=4,
        connect=2,
        read=1,
        status=3,
        backoff_factor=0.5,
        backoff_max=30,
        backoff_jitter=0.3,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=("GET", "POST"),
        raise_on_status=False,
    )
    session = requests.Session()
    session.headers["User-Agent"] = USER_AGENT
    session.max_redirects = 5
    for scheme in ("http://", "https://"):
        session.mount(scheme, CountingAdapter(max_retries=retry))
    return session


@dataclass
class Pace:
    """At least ``seconds`` between two requests with the same key."""

    seconds: float
    last: dict[str, float] = field(default_factory=dict)
    learned: dict[str, float] = field(default_factory=dict)

    def wait(self, key: str) -> None:
        """Sleep until the key may be asked for again."""
        pause = self.learned.get(key, self.seconds)
        due = self.last.get(key, -pause) + pause
        time.sleep(max(0.0, due - time.monotonic()))
        self.last[key] = time.monotonic()

    def slow_down(self, key: str) -> None:
        """The provider said "too many requests": pause twice as long from now on."""
        pause = self.learned.get(key, self.seconds)
        self.learned[key] = max(pause, min(2 * pause + FIRST_PAUSE, LONGEST_LEARNED_PAUSE))

    def forget(self, key: str) -> None:
        """A wait that the provider asked for takes the place of the pause."""
        self.last.pop(key, None)


@dataclass(frozen=True)
class Validators:
    """By what a server knows a file again: its ``ETag``, or else ``Last-Modified``."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """Those of a request for the file unless it is still the same."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Reply:
    """A successful answer: its whole body, and by what the server will know it again."""

    body: bytes
    validators: Validators
    is_the_same: bool


@dataclass(frozen=True)
class HttpClient:
    """One provider's client: every request goes through ``send``."""

    session: requests.Session
    pace: Pace
    max_bytes: int = MAX_BYTES
    budget: Budget | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        pace_key: str,
        params: Mapping[str, str] | None = None,
        payload: Any = None,
        headers: Mapping[str, str] | None = None,
        rate_limited: RateLimited | None = None,
    ) -> bytes:
        """The whole body of a successful answer.

        Args:
            method: ``GET`` or ``POST``.
            url: address without the query.
            pace_key: requests with the same key are kept apart by the pace.
            params: query parameters.
            payload: JSON body of a ``POST``.
            headers: extra headers, such as a key.
            rate_limited: seconds to wait when a 200 body really says "too many requests".

        Raises:
            ProviderError: unreachable, refused, or broken off; the provider's words are kept.
            AnswerError: an answer without end.
        """
        # A key must not follow a redirect to another host.
        call = {"params": params, "json": payload, "headers": headers}
        call |= {"method": method, "url": url, "allow_redirects": headers is None}
        return self._insist(call, pace_key, rate_limited).body

    def get_if_changed(self, url: str, known: Validators, *, pace_key: str) -> Reply:
        """A file, unless the server knows that it is the one with these validators.

        Raises:
            ProviderError: unreachable, refused, or broken off; the provider's words are kept.
            AnswerError: an answer without end.
        """
        call = {"method": "GET", "url": url, "headers": known.headers(), "allow_redirects": True}
        return self._insist(call, pace_key, None)

    def _insist(
        self, call: dict[str, Any], pace_key: str, rate_limited: RateLimited | None
    ) -> Reply:
        for last in (False, True):
            self.pace.wait(pace_key)
            reply = self._attempt(call, pace_key, is_last=last)
            wait = rate_limited(reply.body) if reply is not None and rate_limited else None
            if reply is not None and wait is None:
                return reply
            if wait is not None:
                self._wait_as_told(call["url"], wait, is_last=last)
                self.pace.forget(pace_key)
        raise ProviderError("http-broken", f"{call['url']} broke off {BODY_ATTEMPTS} times.")

    def _attempt(self, call: dict[str, Any], pace_key: str, *, is_last: bool) -> Reply | None:
        """The answer, or None when it broke off and may be asked for once more."""
        asking = ASKING.set(self.budget)
        try:
            with self.session.request(**call, stream=True, timeout=TIMEOUT_SECONDS) as response:
                body = self._read(response)
                if was_too_quick(response):
                    self.pace.slow_down(pace_key)
        except BROKEN_BODY as error:
            if is_last or _never_answered(error):
                raise unreachable(call["url"], error) from error
            return None
        except requests.exceptions.RequestException as error:
            raise unreachable(call["url"], error) from error
        finally:
            ASKING.reset(asking)
        is_the_same = response.status_code == HTTPStatus.NOT_MODIFIED
        if not is_the_same and response.status_code not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise refused(response, body)
        require_framed(response, body)
        validators = Validators(response.headers.get("ETag"), response.headers.get("Last-Modified"))
        return Reply(body, validators, is_the_same)

    def _read(self, response: requests.Response) -> bytes:
        """Read at most ``max_bytes`` unfolded bytes, in a bounded time."""
        body = bytearray()
        until = time.monotonic() + LONGEST_ANSWER_SECONDS
        for chunk in response.iter_content(1 << 16):
            body += chunk
            if time.monotonic() > until:
                raise ProviderError(
                    "http-slow", f"{response.url} took over {LONGEST_ANSWER_SECONDS} seconds."
                )
            if len(body) > self.max_bytes:
                raise AnswerError(
                    "answer-too-large", f"{response.url} unfolds to over {self.max_bytes:,} bytes."
                )
        return bytes(body)

    def _wait_as_told(self, url: str, seconds: float, *, is_last: bool) -> None:
        """Sleep as the provider asked, unless that is too long or the tries are used up."""
        if is_last or seconds > LONGEST_WAIT_SECONDS:
            raise ProviderError(
                "http-rate-limited", f"{url}: rate limit is exceeded, wait {seconds:.0f} seconds."
            )
        time.sleep(seconds)


def was_too_quick(response: requests.Response) -> bool:
    """Whether any try for this answer met "too many requests"."""
    retries = getattr(response.raw, "retries", None)
    history = retries.history if retries else ()
    return any(tried.status == HTTPStatus.TOO_MANY_REQUESTS for tried in history)


def require_framed(response: requests.Response, body: bytes) -> None:
    """Refuse a body that only the end of the connection ends and that stops midway.

    With a stated length or in chunks, a short body is noticed by the client itself.

    Raises:
        ProviderError: the body may be incomplete.
    """
    is_framed = {"content-length", "transfer-encoding"} & {
        name.lower() for name in response.headers
    }
    if not is_framed and body and not body.rstrip(b" ").endswith((b"\n", b"}", b"]")):
        raise ProviderError("http-broken", f"{response.url}: the answer stops in the middle.")


def _never_answered(error: Exception) -> bool:
    """Whether urllib3 already used up its own retries: asking again would double them."""
    return bool(error.args) and isinstance(error.args[0], MaxRetryError)


def unreachable(url: str | None, error: Exception) -> ProviderError:
    """The provider gave no answer; the reason is kept in the message."""
    reason = error.args[0] if error.args else error
    cause = getattr(reason, "reason", reason)
    return ProviderError(
        "http-unreachable",
        f"{url} did not answer: {cause}.",
        "The last accepted release stays in force; the next run asks again.",
    )


def refused(response: requests.Response, body: bytes) -> ProviderError:
    """The provider said no; its status and own words are kept."""
    words = provider_words(body)
    if wait := response.headers.get("Retry-After"):
        words += f" (Retry-After: {wait})"
    return ProviderError(
        f"http-{response.status_code}",
        f"{response.url.split('?')[0]} answered {response.status_code}: {words}",
    )


def provider_words(body: bytes) -> str:
    """The message inside an error body: StatBank's, Energi Data Service's or plain text."""
    text = body.decode("utf-8", errors="replace").strip()
    try:
        payload = json.loads(text)
    except ValueError:
        return " ".join(text.split())[:300] or "no message"
    if not isinstance(payload, dict):
        return text[:300]
    code = payload.get("errorTypeCode")
    message = payload.get("message") or payload.get("error") or text[:300]
    return f"{code}: {message}" if code else str(message)


def require_not_html(url: str, body: bytes) -> None:
    """Refuse a web page where data should be.

    Raises:
        AnswerError: the body is empty or begins like HTML.
    """
    head = body[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not head:
        raise AnswerError("answer-empty", f"{url} answered with an empty body.")
    if head.startswith((b"<!doctype", b"<html", b"<head", b"<body")):
        raise AnswerError(
            "answer-html",
            f"{url} answered 200 with a web page instead of data.",
            "Look at the address in a browser: a login, a maintenance page or a moved address.",
        )
