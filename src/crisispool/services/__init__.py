"""One use case per method: fetch facts, ask the domain, store the result."""
