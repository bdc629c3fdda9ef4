"""Prose against tables, and prose against itself: numbers stated in sentences, what they claim, and whether it holds."""
