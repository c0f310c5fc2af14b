"""Made-up proteins, and relatives of them at a known distance."""

import random

LETTERS = "ACDEFGHIKLMNPQRSTVWY"


def sequence(generator: random.Random, length: int) -> str:
    """Return a protein like no other."""
    return "".join(generator.choices(LETTERS, k=length))


def changed(generator: random.Random, original: str, share: float) -> str:
    """Return a relative, of which exactly a share of the residues differs."""
    places = set(generator.sample(range(len(original)), round(share * len(original))))
    return "".join(
        generator.choice(LETTERS.replace(letter, "")) if at in places else letter for at, letter in enumerate(original)
    )
