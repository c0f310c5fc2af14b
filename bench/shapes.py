"""The shapes of ESM-2 as published: width, layers, heads."""

SHAPES = {
    "8M": (320, 6, 20),
    "35M": (480, 12, 20),
    "150M": (640, 30, 20),
    "650M": (1280, 33, 20),
}
