"""Recognition: ``Document`` to ``ReportReading``: what is which section, table, row, column and issuer; nothing is judged."""
