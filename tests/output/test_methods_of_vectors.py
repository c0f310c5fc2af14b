"""Paragraphs from run records alone: in the terms of the field, with sources."""

from tests.output.made_steps import embedding, landscape, search

from plmkit.output.methods_of_vectors import embedding_paragraph, map_paragraph, search_paragraph


def test_embedding_tells_model_layers_pooling_and_precision() -> None:
    assert embedding_paragraph(embedding()) == (
        "The protein language model big (ESM-2 family, doi:10.1126/science.ade2574) embedded 1,200 proteins (300,000 "
        "residues) with plmkit 9.9 (torch 1, transformers 2). States of layer 6 (320 numbers for each residue) were "
        "computed in float32; of each protein the mean over residues was kept."
    )


def test_several_layers_poolings_and_windows_are_told() -> None:
    record = embedding(pooling=["mean", "max"])
    record["counts"] |= {"layers": [0, 6], "windowed": 7}
    text = embedding_paragraph(record)
    assert "States of layers 0 and 6 (320" in text
    assert "the mean over residues and the maximum over residues was kept" in text
    assert "7 proteins longer than 1,022 residues were read in windows that share at least 255 residues" in text
    assert "those of all residues were kept." in embedding_paragraph(embedding(format="h5"))


def test_a_search_tells_distance_reliability_and_how_it_was_judged() -> None:
    text = search_paragraph(search())
    assert text.startswith("The 10 nearest of 40 references by euclidean distance were found for 8 query proteins")
    assert "reliability of goPredSim (doi:10.1038/s41598-020-80786-0): 0.5 / (0.5 + distance), summed" in text
    assert "divided by the number of neighbours, if it was 0.5 or more." in text
    assert "95 % Wilson intervals" in text
    record = search(distance="cosine", voters=3)
    assert "from the nearest 3 neighbours with" in search_paragraph(record)
    assert "the cosine, summed" in search_paragraph(record)
    assert "goPredSim" not in search_paragraph(record | {"inputs": []})


def test_each_map_has_its_source() -> None:
    assert "first two components, 75.0 % of the variance." in map_paragraph(landscape())
    # scikit-learn wants a perplexity below the number of points; 37 different ones
    assert "vandermaaten14a.html) with a perplexity of 12, begun" in map_paragraph(landscape("tsne"))
    assert "with a perplexity of 5," in map_paragraph(landscape("tsne", neighbours=5))
    text = map_paragraph(landscape("umap"))
    assert "by UMAP (doi:10.48550/arXiv.1802.03426) with 15 neighbours" in text
    assert "with plmkit 9.9 (scikit-learn 5, umap-learn 6)" in text
