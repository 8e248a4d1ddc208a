"""The parts of a region file: TOML with lines, strict keys, and one module for each group of sections."""
