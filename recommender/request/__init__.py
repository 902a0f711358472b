"""What is asked: the spec, and the request it resolves to against the catalogue."""
