import pytest

from plmkit.data.modifications import letter_of, names_of_note, names_of_suffix, psi_mod, residue_of_note

PEPTIDE = "Glycyl lysine isopeptide (Lys-Gly) (interchain with G-Cter in {})"


# Descriptions of UniProt's ptmlist.txt
@pytest.mark.parametrize(
    ("note", "name", "residue"),
    [
        ("Phosphoserine", "Phosphorylation", "S"),
        ("Phosphotyrosine; by JAK2", "Phosphorylation", "Y"),
        ("Pros-phosphohistidine", "Phosphorylation", "H"),
        ("N6-acetyllysine; alternate", "Acetylation", "K"),
        ("N-acetylmethionine; in GTPase KRas", "N-terminal acetylation", "M"),
        ("N6,N6-dimethyllysine", "Methylation", "K"),
        ("Asymmetric dimethylarginine", "Methylation", "R"),
        ("Omega-N-methylated arginine; by PRMT1", "Methylation", "R"),
        ("N,N,N-trimethylalanine", "N-terminal methylation", "A"),
        ("4-hydroxyproline", "Hydroxylation", "P"),
        ("(3R)-3-hydroxyasparagine", "Hydroxylation", "N"),
        ("Pyrrolidone carboxylic acid", "Pyroglutamylation", "Q"),
        ("Pyrrolidone carboxylic acid (Glu)", "Pyroglutamylation", "E"),
        ("S-palmitoyl cysteine", "Palmitoylation", "C"),
        ("N-myristoyl glycine; by host", "Myristoylation", "G"),
        ("N-linked (GlcNAc...) asparagine", "N-glycosylation", "N"),
        ("N-linked (GlcNAc...)", "N-glycosylation", ""),
        ("N-linked (Glc) (glycation) lysine", "Glycation", "K"),
        ("O-linked (GalNAc...) threonine", "O-glycosylation", "T"),
        ("C-linked (Man) tryptophan", "C-glycosylation", "W"),
        (PEPTIDE.format("ubiquitin"), "Ubiquitination", "K"),
        (PEPTIDE.format("SUMO1") + "; alternate", "SUMOylation", "K"),
        (PEPTIDE.format("SUMO"), "SUMOylation", "K"),
        (PEPTIDE.format("NEDD8"), "Neddylation", "K"),
        ("Citrulline", "Citrullination", "R"),
        ("Leucine amide", "Amidation", "L"),
        ("Isoleucine amide", "Amidation", "I"),
        # the end of ubiquitin itself is no site of ubiquitination
        (
            "Glycyl lysine isopeptide (Gly-Lys) (interchain with K-? in acceptor proteins)",
            "Glycyl lysine isopeptide (Gly-Lys) (interchain with K-? in acceptor proteins)",
            "G",
        ),
        # what stands in brackets is the residue of the sequence; of some it is not told
        ("3-oxoalanine (Cys)", "3-oxoalanine (Cys)", "C"),
        ("3',4'-dihydroxyphenylalanine", "3',4'-dihydroxyphenylalanine", ""),
        ("Hypusine", "Hypusine", ""),
    ],
)
def test_descriptions_of_uniprot_have_usual_names(note: str, name: str, residue: str) -> None:
    assert names_of_note(note, by_enzyme=False).usual == (name,)
    assert residue_of_note(note) == residue


def test_finer_and_coarser_names_may_be_asked_for() -> None:
    assert names_of_note("N6,N6-dimethyllysine", False).others == ("Dimethylation", "N6,N6-dimethyllysine")
    assert names_of_note("O-linked (GlcNAc) serine", False).others == (
        "O-GlcNAc",
        "Glycosylation",
        "O-linked (GlcNAc) serine",
    )
    assert names_of_note("Hypusine", False).others == ()


def test_enzymes_make_names_of_their_own() -> None:
    note = "Phosphothreonine; by MAPK1, MAPK3, and CDK1; by PKA or PKC/PRKCA; in vitro"
    enzymes = ("MAPK1", "MAPK3", "CDK1", "PKA", "PKC/PRKCA")
    expected = tuple(f"Phosphorylation by {enzyme}" for enzyme in enzymes)
    assert names_of_note(note, by_enzyme=True).usual == ("Phosphorylation", *expected)
    assert names_of_note(note, by_enzyme=False).others == ("Phosphothreonine", *expected)


def test_suffixes_of_phosphositeplus_have_the_same_names() -> None:
    assert names_of_suffix("ac").usual == names_of_note("N6-acetyllysine", False).usual
    assert names_of_suffix("m3").others == ("Trimethylation", "m3")
    assert names_of_suffix("zz").usual == ("zz",)


# Identifiers and names as in PSI-MOD.obo 1.031.6
@pytest.mark.parametrize(
    ("name", "residue", "identifier"),
    [
        ("Phosphorylation", "S", "MOD:00046"),
        ("phosphorylation", "T", "MOD:00047"),
        ("Phosphorylation_Y", "Y", "MOD:00048"),
        ("Phosphorylation by PKA", "S", "MOD:00046"),
        ("Phosphorylation_by_PKA", "S", "MOD:00046"),
        ("Phosphorylation_ST", "T", "MOD:00047"),
        ("Phosphorylation_S_T", "S", "MOD:00046"),
        ("Phosphorylation_ST by PKA", "S", "MOD:00046"),
        ("Phosphorylation_ST_by_PKA_C", "S", "MOD:00046"),
        ("Glycosylation", "N", "MOD:00693"),
        ("Glycosylation_N", "N", "MOD:00693"),
        ("Phosphorylation", "K", "MOD:00696"),
        ("Phosphorylation", "", "MOD:00696"),
        ("Phosphotyrosine", "Y", "MOD:00048"),
        ("Acetylation", "K", "MOD:00064"),
        ("Acetylation_K", "S", "MOD:00394"),
        ("N-acetylserine", "S", "MOD:00060"),
        ("Methylation", "K", "MOD:00663"),
        ("Methylation", "D", "MOD:00427"),
        ("N6-methyllysine", "K", "MOD:00085"),
        ("Dimethylation", "K", "MOD:00084"),
        ("N6,N6,N6-trimethyllysine", "K", "MOD:00083"),
        ("Omega-N-methylarginine", "R", "MOD:00078"),
        ("Symmetric dimethylarginine", "R", "MOD:00076"),
        ("Hydroxylation", "P", "MOD:00678"),
        ("Hydroxylation_K", "K", "MOD:00681"),
        ("3-hydroxyproline", "P", "MOD:00038"),
        ("Palmitoylation", "C", "MOD:00115"),
        ("N-palmitoyl cysteine", "C", "MOD:00069"),
        ("Pyroglutamylation", "Q", "MOD:00040"),
        ("Ubiquitination", "K", "MOD:01148"),
        ("Ubiquitination", "C", None),
        ("SUMOylation", "K", "MOD:01149"),
        ("Succinylation", "K", "MOD:01819"),
        ("N-glycosylation", "N", "MOD:00160"),
        ("N-linked (GlcNAc...) asparagine", "N", "MOD:00160"),
        ("O-glycosylation", "T", "MOD:00005"),
        ("O-linked (GlcNAc) serine", "S", "MOD:00805"),
        ("C-linked (Man) tryptophan", "W", "MOD:00421"),
        ("Dephosphorylation", "S", None),
        ("modified", "K", None),
    ],
)
def test_terms_of_psi_mod_are_found_by_name_and_residue(name: str, residue: str, identifier: str | None) -> None:
    assert psi_mod(name, residue) == identifier


def test_residues_are_written_in_three_ways() -> None:
    assert [letter_of(text) for text in ("S", "s", "Ser", "SER", "serine", "pS", "", "1")] == ["S"] * 5 + [None] * 3
