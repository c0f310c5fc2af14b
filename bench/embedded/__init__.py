"""What the embedded model has learned, and how it is made anew."""
