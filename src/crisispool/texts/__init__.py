"""What people read: sentences by key, one TOML file per subject in a folder per language."""
