"""Plans under a swept value of spec or catalogue."""
