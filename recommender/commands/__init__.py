"""The commands of the command line, one per file: read, call, render, exit code."""
