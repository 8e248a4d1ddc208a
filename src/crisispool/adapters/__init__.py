"""The outside world behind the ports: clock, record, live view, keys."""
