"""Which web addresses may be fetched: pure checks, no name is looked up and nothing is connected to here.

An address that a user pastes, a feed names or a redirect points to may have been written to make this machine
talk to its own network. So an address is taken apart once, strictly; what two readers could read in two ways
is refused; and what is connected to is built from the checked parts, never from the text again.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote, urlsplit

import idna

from corpus.errors import FetchError

MAX_ADDRESS_LENGTH = 4096
NOT_AN_IP = "not an IP address"
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")

# Names that mean "near me" whatever a name server says of them.
_LOCAL_NAMES = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
    "onion",
)

# Ports at 1024 and above on which something else than a web site answers: file shares, databases, message
# queues, container and cluster control, and those that browsers refuse. Below 1024 only 80 and 443 are taken.
_SERVICE_PORTS = frozenset(
    int(port)
    for port in (
        "1433 1521 1719 1720 1723 1883 2049 2181 2375 2376 2377 2379 2380 3128 3306 3389 3659 4001 4045 4190 4369 "
        "5060 5061 5432 5672 5900 5984 6000 6379 6380 6443 6566 6665 6666 6667 6668 6669 6679 6697 7000 7001 7474 "
        "8086 8125 8300 8301 8500 8600 9000 9042 9092 9100 9160 9200 9300 9418 10080 10250 10255 11211 15672 25565 "
        "27017 27018 28017 50000 50070 61616"
    ).split()
)

# Open only with `allow_private`: the user's own machine and networks.
_PRIVATE_4 = {
    IPv4Network("127.0.0.0/8"): "a loopback address",
    IPv4Network("10.0.0.0/8"): "a private address",
    IPv4Network("172.16.0.0/12"): "a private address",
    IPv4Network("192.168.0.0/16"): "a private address",
    IPv4Network("100.64.0.0/10"): "a carrier's private address",
}
# Never open: nothing that serves articles lives there, and the keys of cloud machines do.
_CLOSED_4 = {
    IPv4Network("169.254.0.0/16"): "a link-local address",
    IPv4Network("100.100.100.200/32"): "a cloud metadata address",
    IPv4Network("168.63.129.16/32"): "a cloud metadata address",
    IPv4Network("0.0.0.0/8"): "the unspecified address",
    IPv4Network("224.0.0.0/4"): "a multicast address",
    IPv4Network("240.0.0.0/4"): "a reserved address",
    IPv4Network("192.0.0.0/24"): "a reserved address",
    IPv4Network("192.0.2.0/24"): "a reserved address",
    IPv4Network("192.88.99.0/24"): "a reserved address",
    IPv4Network("198.18.0.0/15"): "a reserved address",
    IPv4Network("198.51.100.0/24"): "a reserved address",
    IPv4Network("203.0.113.0/24"): "a reserved address",
}
_PRIVATE_6 = {
    IPv6Network("::1/128"): "a loopback address",
    IPv6Network("fc00::/7"): "a private address",
}
_CLOSED_6 = {
    IPv6Network("fd00:ec2::/32"): "a cloud metadata address",
    IPv6Network("fd20:ce::/32"): "a cloud metadata address",
    IPv6Network("2001::/23"): "a reserved address",  # Teredo, ORCHID, benchmarking
    IPv6Network("2001:db8::/32"): "a reserved address",
    IPv6Network("3fff::/20"): "a reserved address",
}
_GLOBAL_6 = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Address:
    """A web address in checked parts.

    Attributes:
        scheme: "http" or "https".
        host: a name in lower-case ASCII without trailing dot, or an IP address without brackets.
        port: the port to connect to.
        target: path and query, percent-encoded, beginning with "/".
    """

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as they stand in an address and in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a robots.txt speaks for."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin + self.target


def parse_address(url: str, *, allow_private: bool = False) -> Address:
    """Take an address apart.

    Raises:
        FetchError: not http or https, or spelled so that two readers could take it for two places.
    """
    url = url.strip()
    shown = url if len(url) <= 200 else url[:200] + "…"

    def refuse(reason: str) -> FetchError:
        return FetchError(shown, reason)

    if len(url) > MAX_ADDRESS_LENGTH:
        raise refuse("the address is too long")
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in url) or "\\" in url:
        raise refuse("the address contains characters that no address has")
    try:
        parts = urlsplit(url)
        host_name, port = parts.hostname, parts.port
    except ValueError:
        raise refuse("this is not a well-formed address") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise refuse("only http:// and https:// addresses can be fetched")
    if "@" in parts.netloc:
        raise refuse("an address with a user name in it is not fetched; leave out everything up to the @")
    if not host_name:
        raise refuse("the address names no host")
    try:
        host = _canonical_host(host_name, bracketed="[" in parts.netloc)
    except ValueError as exc:
        raise refuse(str(exc)) from None
    if not allow_private and _is_local_name(host):
        raise refuse("the host is a name of the local network")
    port = port if port is not None else _DEFAULT_PORTS[parts.scheme]
    if port not in (80, 443) and (port < 1024 or port in _SERVICE_PORTS):
        raise refuse(f"port {port} is not one that web sites use")
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?[]|{}^`")
    return Address(parts.scheme, host, port, target if target.startswith("/") else "/" + target)


def why_refused(address: str, *, allow_private: bool = False) -> str | None:
    """Tell why nothing may connect to this IP address, or None if something may.

    Args:
        address: as a resolver gives it: dotted, or IPv6 without brackets.
        allow_private: take loopback and private networks too; metadata, link-local, multicast and reserved
            addresses stay closed.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return NOT_AN_IP
    if isinstance(ip, IPv4Address):
        return _why_refused_4(ip, allow_private)
    if ip.scope_id is not None:
        return "a link-local address"
    if ip.ipv4_mapped is not None:
        return _why_refused_4(ip.ipv4_mapped, allow_private)
    inner = _tunnelled(ip)
    if inner is not None:
        # Another spelling of an IPv4 address: public ones are reached so on networks without IPv4, but a
        # private one in this dress has no honest use, whatever the setting.
        return _why_refused_4(inner, False)
    for network, reason in _CLOSED_6.items():
        if ip in network:
            return reason
    for network, reason in _PRIVATE_6.items():
        if ip in network:
            return None if allow_private else reason
    return None if ip in _GLOBAL_6 else "not a public address"


def _why_refused_4(ip: IPv4Address, allow_private: bool) -> str | None:
    for network, reason in _CLOSED_4.items():
        if ip in network:
            return reason
    for network, reason in _PRIVATE_4.items():
        if ip in network:
            return None if allow_private else reason
    return None


def _tunnelled(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address inside a NAT64, 6to4 or ISATAP address."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.sixtofour is not None:
        return ip.sixtofour
    if (int(ip) >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def _canonical_host(name: str, *, bracketed: bool) -> str:
    """Spell a host in the one way it is used from here on; ValueError with the reason if there is none."""
    if bracketed:
        try:
            return str(IPv6Address(name))
        except ValueError:
            raise ValueError("the host is not an IPv6 address") from None
    if name.isascii():
        host = name.lower()
    else:
        try:
            # Maps full-width and circled digits and ideographic dots, so the checks below see what they stand for.
            host = idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise ValueError("the host is not a valid international name") from None
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("the host is not a valid name")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            # 127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1: programs do not agree on what these mean.
            raise ValueError(
                "the host is an IP address in an unusual spelling; write it as four numbers"
            ) from None
    return host


def _is_local_name(host: str) -> bool:
    if ":" in host or _NUMBER.fullmatch(host.rsplit(".", 1)[-1]):
        return False
    return "." not in host or any(host == name or host.endswith("." + name) for name in _LOCAL_NAMES)
