"""Due work: when it runs and what wakes it."""
