"""Families of rows, one per file: the equation, its symbols, and the function that builds it."""
