"""The chat front end: translates the conversations to Telegram and to the terminal, and decides nothing."""
