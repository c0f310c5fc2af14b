"""What the user takes away: vectors, predictions, sites, figures, report, run record."""
