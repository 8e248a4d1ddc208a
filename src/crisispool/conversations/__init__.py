"""The talks, pure: what is asked next, given what was heard."""
