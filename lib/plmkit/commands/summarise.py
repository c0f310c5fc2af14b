"""plm summarise: the run records of an analysis to one page."""

from __future__ import annotations

import logging

from plmkit.config import SummariseConfig
from plmkit.data.run_records import read_run_records
from plmkit.output.run_record import SCHEMA_VERSION
from plmkit.output.staging import staged

log = logging.getLogger(__name__)


def run(config: SummariseConfig) -> None:
    """Write the page, and what else was asked for."""
    with staged([config.report, config.text, config.bibliography], inputs=config.record) as staging:
        given = read_run_records(config.record, SCHEMA_VERSION)

        # scikit-learn is loaded here, after most mistakes of the user were answered
        from plmkit.output.summary import summarised, write_bibliography, write_page, write_text

        summary = summarised(given)
        for note in given.notes():
            log.warning("note: %s", note)
        write_page(staging[config.report], summary)
        if config.text:
            write_text(staging[config.text], summary)
        if config.bibliography:
            write_bibliography(staging[config.bibliography], summary)
    log.info("%d steps summarised", len(summary.steps))
