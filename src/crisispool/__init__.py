"""One pool of crisis dwellings: who may sleep where tonight, and who follows up in the morning."""

__version__ = "0.1.0"
