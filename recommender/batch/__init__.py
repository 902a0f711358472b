"""Many specs over a pool of processes, with a journal to resume from."""
