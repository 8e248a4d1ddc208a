"""Papers: what is printed, as one sheet of words from which the page and the PDF are both made."""
