"""Tell what an annotation of UniProt rests upon."""

from __future__ import annotations

import re

# UniProt's evidence codes (https://www.uniprot.org/help/evidence_table): ECO:0000269 is a published experiment;
# ECO:0007744 and ECO:0007829 are combined sources: of modifications large-scale proteomics, or a structure of PDB;
# ECO:0000244 and ECO:0000213 are what these two were called before. Not among them: by similarity (0000250), by a
# rule or a program (0000255, 0000256, 0000259), a curator's inference (0000305), an author's statement (0000303),
# imported (0000312, 0000313).
EXPERIMENTAL = frozenset({"ECO:0000269", "ECO:0007744", "ECO:0007829", "ECO:0000244", "ECO:0000213"})
_CODE = re.compile(r"\bECO:\d{7}\b")

NOT_EXPERIMENTAL = "annotations without experimental evidence passed over"


def is_experimental(evidence: str) -> bool:
    """Say whether one of the codes in a text stands for an experiment; no code at all stands for none."""
    return not EXPERIMENTAL.isdisjoint(_CODE.findall(evidence))
