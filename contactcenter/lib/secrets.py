"""Secrets at rest: passwords of trunks, headers of web services. What is sealed can be stored and sent; only our processes open it.

The key is derived from SECRET_KEY (HKDF, RFC 5869). To change that, put the old one into SECRET_KEY_FALLBACKS: what it sealed is still
opened, and whatever is saved from then on is sealed with the new one.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"contactcenter: secrets at rest"  # what else is derived from the same key comes out different


class CannotOpenError(Exception):
    """It was sealed with a key that is not known here, or is damaged."""

    code = "cannot_open"


def seal(plain: str) -> str:
    """`plain` as a token of letters, digits, - and _; each time another one. Empty stays empty."""
    return _keys().encrypt(plain.encode()).decode() if plain else ""


def unseal(token: str) -> str:
    """Errors: CannotOpenError."""
    if not token:
        return ""
    try:
        return _keys().decrypt(token.encode()).decode()
    except InvalidToken as fault:
        raise CannotOpenError from fault


def _keys() -> MultiFernet:
    """The first one seals. Read anew each time, as settings may be in tests; deriving takes microseconds."""
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def keys_for(purpose: bytes) -> tuple[bytes, ...]:
    """A key of 32 bytes for something else than sealing: first the one to use, then those of SECRET_KEY_FALLBACKS, to recognise with."""
    return tuple(_derived(secret, purpose) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def _key(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret, PURPOSE)))


def _derived(secret: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
