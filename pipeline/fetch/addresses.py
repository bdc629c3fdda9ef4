"""Which addresses may be asked: schemes, ports, and where a name leads.

Belongs here: judging URLs and IP addresses. Does not belong here: connecting (``network``).
"""

import ipaddress
from collections.abc import Callable, Sequence
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import httpx

from pipeline.fetch.settings import Settings

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the IP addresses of a host name. Raises OSError."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SAFE = "!#$%&'()*+,/:;=?@[]~-._"


class AddressRefused(Exception):
    """An address that is not asked, in one line."""


def canonical(url: str, encoding: str = "utf-8") -> str:
    """Return a URL as it is asked: without fragment, characters beyond ASCII in its path and query percent-encoded.

    What is percent-encoded already stays, in whichever encoding it is. Raises AddressRefused for what is no web address.
    """
    try:
        parts = urlsplit(url.strip())
        path, query = (
            quote(part, safe=_SAFE, encoding=encoding, errors="strict") for part in (parts.path, parts.query)
        )
        built = httpx.URL(urlunsplit((parts.scheme.lower(), parts.netloc, path or "/", query, "")))
    except (ValueError, UnicodeError, httpx.InvalidURL) as error:
        raise AddressRefused(f"{url[:200]!r} is no URL: {error}") from error
    if built.scheme not in ("http", "https"):
        raise AddressRefused(f"{url[:200]!r} is neither http nor https")
    if not built.host:
        raise AddressRefused(f"{url[:200]!r} names no host")
    if built.userinfo:
        raise AddressRefused(f"{built.host}: the address holds a user name")
    return str(built)


def joined(base: str, link: str, encoding: str = "utf-8") -> str:
    """Return the address of a link on a page. Raises AddressRefused."""
    try:
        return canonical(urljoin(base, link.strip().replace("\\", "/")), encoding)
    except ValueError as error:
        raise AddressRefused(f"{link[:200]!r} is no link: {error}") from error


def require_port(url: httpx.URL, settings: Settings) -> None:
    """Refuse the ports of services that are no web servers. Raises AddressRefused."""
    port = url.port or (443 if url.scheme == "https" else 80)
    if port not in settings.ports and port < 1024 and not settings.allow_private:
        raise AddressRefused(f"{url.host}:{port} is no port of a web server")


def addresses_of(host: str, port: int, resolve: Resolve, settings: Settings) -> list[str]:
    """Return the addresses to connect to. Raises AddressRefused where one of them is not public, OSError for no address."""
    found = list(dict.fromkeys(resolve(host, port)))
    if not settings.allow_private:
        for address in found:
            reason = refusal(address, settings.refused_addresses)
            if reason:
                raise AddressRefused(f"{host} leads to {address}, {reason}")
    return found


def refusal(address: str, refused: Sequence[str] = ()) -> str | None:
    """Return why an IP address is not one of the public net, None where it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner = _inner(ip)
    if inner is not None:
        return refusal(str(inner), refused)
    if any(ip == ipaddress.ip_address(other) for other in refused):
        return "the address of a machine's own metadata"
    for is_one, name in (
        (ip.is_loopback, "this machine itself"),
        (ip.is_link_local, "a link-local address"),
        (ip.is_multicast, "a multicast address"),
        (ip.is_unspecified, "no address"),
    ):
        if is_one:
            return name
    return None if ip.is_global else "a private address"


def _inner(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address carries: mapped, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None
