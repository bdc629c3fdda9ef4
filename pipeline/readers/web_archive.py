"""Web archives (.mht, .mhtml): the page inside, read like any other.

Belongs here: finding the page among the parts that a browser or Word saved. Does not belong here: the page (``html``).
Parts that a page names are not looked at: no address of theirs is ever opened.
"""

from email import errors, message_from_bytes
from email.message import Message

from pipeline.document import Document, UnreadableFile
from pipeline.readers.html import read_html

MOST_PARTS = 2000


def read_web_archive(content: bytes, name: str) -> Document:
    """Return the blocks of the first page in a web archive. Raises UnreadableFile: damaged, no page in it, the page's own."""
    try:
        page = _page(message_from_bytes(content))
    except (errors.MessageError, RecursionError, LookupError, ValueError) as error:
        raise UnreadableFile("damaged web archive (MHT)") from error
    if not page.strip():
        raise UnreadableFile("web archive (MHT) without a page in it")
    return read_html(page, name)


def _page(message: Message) -> bytes:
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            break
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            return payload if isinstance(payload, bytes) else b""
    return b""
