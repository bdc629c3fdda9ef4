"""Fetching sources: a table of addresses becomes contents with the headers that they came with.

Belongs here: what is asked of a site, how, and what is believed of its answers. Does not belong here: where answers are kept
(``warehouse``), when they are fetched (``assets``), what is in them (``pipeline.readers``).
"""
