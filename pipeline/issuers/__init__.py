"""Public bodies and regions: which body a printed issuer is."""
