"""Foreign solvers in a process of their own: a crash there is an outcome here.

door -> process (seen from outside) <- wire -> worker (inside); memory_limit, own_folder
"""
