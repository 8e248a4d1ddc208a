"""HTTP: the API, the one-time pages, health."""
