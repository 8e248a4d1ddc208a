"""The messenger from the inside: who gets in, what came in, what each chat must show. No word of Telegram itself."""
