"""The rules, pure: facts and `now` go in, decisions come out; nothing waits and nothing knows the time."""
