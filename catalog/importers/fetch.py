"""Fetching a price list from the network, within a deadline and a size."""

import time
import urllib.error
import urllib.request

from catalog.errors import CatalogError

TIMEOUT_S = 10.0
DEADLINE_S = 60.0
MAX_BYTES = 100_000_000
_BLOCK = 1 << 16


def fetch_text(url: str, *, timeout_s: float = TIMEOUT_S, deadline_s: float = DEADLINE_S) -> str:
    """Text at an http(s) address; CatalogError when it is slow, huge, missing or not text."""
    if not url.startswith(("https://", "http://")):
        raise CatalogError("is not an http or https address", file=url)
    ends = time.monotonic() + deadline_s
    blocks, size = [], 0
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            while block := answer.read1(_BLOCK):
                size += len(block)
                if size > MAX_BYTES:
                    raise CatalogError(f"is larger than {MAX_BYTES // 10**6} MB", file=url)
                if time.monotonic() > ends:
                    raise TimeoutError
                blocks.append(block)
        return b"".join(blocks).decode("utf-8-sig")
    except TimeoutError as error:
        raise _slow(url, deadline_s if blocks else timeout_s) from error
    except UnicodeDecodeError as error:
        raise CatalogError("is not UTF-8 text", file=url) from error
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise _slow(url, timeout_s) from error
        raise CatalogError(f"cannot be fetched: {reason}", file=url) from error


def _slow(url: str, seconds: float) -> CatalogError:
    hint = "try again later, or import a file that you saved"
    return CatalogError(f"did not answer within {seconds:g} s", file=url, hint=hint)
