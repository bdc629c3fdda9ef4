"""Recognition: ``Document`` to ``ReportReading``. What is which section, table, row, column and issuer; nothing is judged here."""
