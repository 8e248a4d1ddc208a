"""Coming in with a browser: passkeys, the questions they answer, and how often somebody may try."""
