"""A chat model's tokens under a time limit, retried while nothing has come, and with errors that give nothing away."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig
from tenacity import RetryError, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter

from assistant.errors import ModelError, SettingsError
from assistant.settings import ChatConfig

_DONE = object()


def make_chat_model(config: ChatConfig) -> Runnable[Any, Any]:
    """The chat model that the settings name, through LangChain's `init_chat_model`.

    Raises:
        SettingsError: the provider's package is not installed, or the name cannot be used.
    """
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"temperature": config.temperature, "max_tokens": config.max_tokens}
    provider = config.model.split(":", 1)[0] if ":" in config.model else ""
    if config.base_url:
        options["base_url"] = config.base_url
        provider = provider or "openai"
    if config.api_key.get_secret_value():
        options["api_key"] = config.api_key.get_secret_value()
    elif config.base_url and provider == "openai":
        # The client insists on a key; a server of one's own mostly does not.
        options["api_key"] = "none"
    if provider in ("openai", "anthropic"):
        options |= {"timeout": config.timeout, "max_retries": 0}
    try:
        name = config.model if ":" in config.model or not provider else f"{provider}:{config.model}"
        model: Runnable[Any, Any] = init_chat_model(name, **options)
        return model
    except ImportError as exc:
        extra = {"google_genai": "google"}.get(provider, provider)
        raise SettingsError(
            f"The package for {provider or config.model} is not installed. Run: pip install 'launch-assistant[{extra}]'"
        ) from exc
    except (
        Exception
    ) as exc:  # provider packages raise their own kinds; the text may hold a key, so it is not shown
        raise SettingsError(
            f"LAUNCH_CHAT__MODEL={config.model!r} cannot be used ({type(exc).__name__}). Name it as provider:model, "
            "and set the provider's key or LAUNCH_CHAT__API_KEY."
        ) from None


def _worth_retrying(exc: BaseException) -> bool:
    """Timeouts, broken connections, rate limits and server errors pass; a refused key or a bad request does not."""
    status = getattr(exc, "status_code", None)
    return not isinstance(status, int) or status in (408, 409, 425, 429) or status >= 500


def bounded_stream(
    model: Runnable[Any, Any],
    messages: list[Any],
    *,
    deadline: float,
    retries: int,
    most_chars: int,
    config: RunnableConfig | None = None,
) -> Iterator[str]:
    """The text of a model's answer, piece by piece.

    Args:
        model: any LangChain chat model.
        messages: what it is asked.
        deadline: on the `time.monotonic` clock; nothing is waited for beyond it.
        retries: further tries, with backoff, as long as no piece has come.
        most_chars: the stream is cut there, so that an endless answer ends.
        config: for callbacks.

    Raises:
        ModelError: the model failed or ran out of time; the message names the sort of failure and no more.
    """
    attempts = Retrying(
        stop=stop_after_attempt(retries + 1),
        wait=wait_exponential_jitter(multiplier=0.3, max=4.0),
        retry=retry_if_exception(lambda e: _worth_retrying(e) and time.monotonic() < deadline - 0.5),
        reraise=True,
    )
    try:
        pieces = attempts(_opened, model, messages, deadline, config)
    except (Exception, RetryError) as exc:
        raise _as_model_error(exc) from None
    count = 0
    try:
        for piece in pieces:
            yield piece
            count += len(piece)
            if count >= most_chars:
                return
    except Exception as exc:
        raise _as_model_error(exc) from None
    finally:
        pieces.close()


def _as_model_error(exc: BaseException) -> ModelError:
    if isinstance(exc, ModelError):
        return exc
    status = getattr(exc, "status_code", None)
    sort = f"{type(exc).__name__}, status {status}" if isinstance(status, int) else type(exc).__name__
    return ModelError(f"The chat model failed ({sort}); these are the sources' own words.")


class _Pieces:
    """Pieces from a worker thread, waited for until the deadline; closing it lets the worker end."""

    def __init__(
        self, model: Runnable[Any, Any], messages: list[Any], deadline: float, config: RunnableConfig | None
    ):
        self._deadline = deadline
        self._queue: queue.Queue[Any] = queue.Queue(maxsize=64)
        self._closed = threading.Event()
        context = contextvars.copy_context()
        self._thread = threading.Thread(
            target=context.run,
            args=(self._work, model, messages, config),
            name="launch-chat-model",
            daemon=True,
        )
        self._thread.start()
        self._first: Any = self._get()

    def _work(self, model: Runnable[Any, Any], messages: list[Any], config: RunnableConfig | None) -> None:
        try:
            for chunk in model.stream(messages, config):
                text = chunk.text if hasattr(chunk, "text") else str(chunk)
                text = text() if callable(text) and not isinstance(text, str) else text
                if text and not self._put(str(text)):
                    return
            self._put(_DONE)
        except Exception as exc:
            self._put(exc)

    def _put(self, item: Any) -> bool:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.2)
                return True
            except queue.Full:
                continue
        return False

    def _get(self) -> Any:
        try:
            item = self._queue.get(timeout=max(0.0, self._deadline - time.monotonic()))
        except queue.Empty:
            self.close()
            raise ModelError("The chat model took too long; these are the sources' own words.") from None
        if isinstance(item, Exception):
            raise item
        return item

    def __iter__(self) -> Iterator[str]:
        item = self._first
        while item is not _DONE:
            yield item
            item = self._get()

    def close(self) -> None:
        self._closed.set()


def _opened(
    model: Runnable[Any, Any], messages: list[Any], deadline: float, config: RunnableConfig | None
) -> _Pieces:
    """The stream once its first piece is there, so that a failure before it can be retried."""
    return _Pieces(model, messages, deadline, config)
