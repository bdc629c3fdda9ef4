"""Readers: bytes to ``Document``, one module per kind of file. Nothing here knows a form beyond its labels."""
