"""Numbers stated in prose: found as claims, and judged against the tables and against each other."""
