"""Who a request comes from: a file of users with hashed passwords, or a header that a trusted proxy sets.

A file of users has a line for each: NAME:ROLE:HASH, as `launch-assistant passwd` prints. A curator may also change the
articles and rebuild the index.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from assistant.settings import ServeConfig
from ui.errors import AccessError

_NAME = re.compile(r"[\w.@+-]{1,64}")
_COST, _BLOCK, _PARALLEL = 2**15, 8, 3
"""scrypt: 32 MiB and roughly a tenth of a second a password."""
_MEMORY = 160 * 2**20
MIN_PASSWORD = 10


class Role(StrEnum):
    """What a user may do."""

    ASK = "ask"
    CURATE = "curate"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks; `name` is "" where nobody has to log in."""

    name: str
    role: Role


def hash_password(password: str) -> str:
    """A password as it is stored: scrypt with its parameters and a salt of its own."""
    salt = secrets.token_bytes(16)
    return f"scrypt${_COST}${_BLOCK}${_PARALLEL}${_b64(salt)}${_b64(_derive(password, salt, _COST, _BLOCK, _PARALLEL))}"


def check_password(password: str, stored: str) -> bool:
    """Whether this is the password that was hashed; False for a hash of a form that is not known."""
    try:
        scheme, cost, block, parallel, salt, digest = stored.split("$")
        if scheme != "scrypt":
            return False
        given = _derive(password, base64.b64decode(salt), int(cost), int(block), int(parallel))
        return hmac.compare_digest(given, base64.b64decode(digest))
    except (ValueError, binascii.Error):
        return False


def _derive(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=_MEMORY,
        dklen=32,
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def user_line(name: str, password: str, role: Role) -> str:
    """A line for the file of users.

    Raises:
        AccessError: the name or the password cannot be used.
    """
    if not _NAME.fullmatch(name):
        raise AccessError("A user's name has 1 to 64 letters, digits or . _ @ + - and no space.")
    if len(password) < MIN_PASSWORD:
        raise AccessError(f"The password is too short: take at least {MIN_PASSWORD} characters.")
    return f"{name}:{role.value}:{hash_password(password)}"


def read_users(path: Path) -> dict[str, tuple[User, str]]:
    """The users of a file by name, each with the hash.

    Raises:
        AccessError: the file cannot be read, holds nobody, or a line is not one; names the line.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise AccessError(
            f"{path}: the file of users cannot be read ({type(exc).__name__}). Make a line for it with: "
            "launch-assistant passwd NAME"
        ) from exc
    users: dict[str, tuple[User, str]] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(":")
        role, _, hashed = rest.partition(":")
        known = role in {r.value for r in Role} and hashed.startswith("scrypt$") and hashed.count("$") == 5
        if not known or not _NAME.fullmatch(name) or name in users:
            # The line itself is not repeated: it may hold a password by mistake.
            raise AccessError(
                f"{path}, line {number}: not a user, or one named twice. A line is what this prints: "
                "launch-assistant passwd NAME"
            )
        users[name] = User(name, Role(role)), hashed
    if not users:
        raise AccessError(f"{path}: no user in it. Make a line for it with: launch-assistant passwd NAME")
    return users


class Users:
    """The users of one file, which is read again when it changes; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        # One at a time: each check takes 32 MiB, and a crowd of guesses must not take it all.
        self._checking = threading.Lock()
        self._secret = secrets.token_bytes(32)
        self._passed: OrderedDict[bytes, User] = OrderedDict()
        self._nobody = hash_password(secrets.token_urlsafe(16))
        self._stamp = self._changed()
        self._users = read_users(path)

    def _changed(self) -> tuple[int, int]:
        try:
            stat = self._path.stat()
        except OSError:
            return (0, 0)
        return stat.st_mtime_ns, stat.st_size

    def _refresh(self) -> None:
        with self._lock:
            stamp = self._changed()
            if stamp != self._stamp:
                # A file that cannot be read lets nobody in; the error says why.
                self._users, self._passed = {}, OrderedDict()
                self._users = read_users(self._path)
                self._stamp = stamp

    def known(self, name: str, password: str) -> User | None:
        """The user, if this pair was found right a moment ago: takes no time.

        Raises:
            AccessError: the file has been changed and cannot be used.
        """
        self._refresh()
        with self._lock:
            return self._passed.get(self._key(name, password))

    def check(self, name: str, password: str) -> User | None:
        """The user of that name if the password is right; takes as long for a name that nobody has."""
        with self._lock:
            user, hashed = self._users.get(name, (None, self._nobody))
        with self._checking:
            right = check_password(password, hashed)
        if user is None or not right:
            return None
        with self._lock:
            if self._users.get(name) == (user, hashed):
                self._passed[self._key(name, password)] = user
                while len(self._passed) > 1000:
                    self._passed.popitem(last=False)
        return user

    def _key(self, name: str, password: str) -> bytes:
        data = f"{name}\0{password}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._secret, data, "sha256")


def basic_pair(header: str) -> tuple[str, str] | None:
    """Name and password of an Authorization header of the Basic scheme."""
    scheme, _, coded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, password = base64.b64decode(coded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, password) if colon else None


def is_loopback(host: str) -> bool:
    """Whether an address reaches this computer alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_among(host: str, proxies: Sequence[str]) -> bool:
    """Whether an address is one of these, each an address or a network such as 172.16.0.0/12."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(proxy, strict=False) for proxy in proxies)


def check_exposure(serve: ServeConfig) -> None:
    """Refuse to listen to the network when nobody has to log in.

    Raises:
        AccessError: it would stand open; names the ways out.
    """
    if serve.auth or serve.user_header or serve.exposed or is_loopback(serve.host):
        return
    raise AccessError(
        f"Listening on {serve.host} would open the page to the network without a password. Add --auth FILE (make its "
        "lines with launch-assistant passwd NAME), or set LAUNCH_SERVE__USER_HEADER behind a proxy that logs people "
        "in, or set LAUNCH_SERVE__EXPOSED=true if that is meant."
    )
