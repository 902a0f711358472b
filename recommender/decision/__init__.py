"""Which nodes to buy: the question, the book of rates, and lazy refinement of the optimum."""
