"""`python -m crisispool` is the `crisispool` command."""

import sys

from crisispool.cli import main

if __name__ == "__main__":
    sys.exit(main())
