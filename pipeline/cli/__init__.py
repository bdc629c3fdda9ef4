"""The command line ``gongkai``."""
