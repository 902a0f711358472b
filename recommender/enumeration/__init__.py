"""Every deployment that hardware and model allow, sized once; the rest with its reason.

enumeration       of one model; of_models joins several; known_sizes serves the next request
  shared_hardware, layout_space, itl_chunks    kinds of node, cuts, token budgets
  refusal -> rejection                         what is out, and why
  replica_sizing <- confidence                 memory and step laws
  replica_table, market                        what comes out
"""
