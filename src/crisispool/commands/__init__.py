"""One module for each thing that the command `crisispool` can do; each has `run(args)`, which gives the exit code."""
