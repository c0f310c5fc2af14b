"""`python -m plmkit` is the `plm` command."""

from plmkit.cli import console

if __name__ == "__main__":
    console()
