"""All plans that no other beats on two sums, between two of them, by bounded enumeration."""
