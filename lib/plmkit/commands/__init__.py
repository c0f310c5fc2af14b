"""One module for each subcommand: read, compute, write."""
