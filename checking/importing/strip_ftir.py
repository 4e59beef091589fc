"""Drug Checking BC's file of samples read by a fentanyl strip and by FTIR: one sample a row, no day, no place.

Which brand of strip and how it was mixed is not in the file and stays unknown; nor is what the lines
looked like, only what they meant. FTIR says of fentanyl alone whether it was seen: nothing else follows.
Rows may share an id, and each is a strip of its own.
"""

from pathlib import Path

from .from_table import Progress, Wish, import_table
from .keeping import Keeper
from .mapping import FindingMap, From, Mapping, ResultMap
from .report import Report

MAPPING = Mapping(
    sample_id=From(column="FILE_ID"),
    encoding="utf-8",
    delimiter=",",
    results=[
        ResultMap(
            method=From(constant="fentanyl-strip"),
            outcome=From(column="FENTANYL_STRIP_POS", words={"1.0": "detected", "0.0": "not_detected"}),
        ),
        ResultMap(
            method=From(constant="ftir"),
            findings=[
                FindingMap(
                    substance=From(constant="fentanyl"),
                    detected=From(column="FENTANYL_FTIR_POS", words={"1.0": "yes", "0.0": "no"}),
                )
            ],
        ),
    ],
)


def import_strip_ftir(file: Path, keeper: Keeper, *, progress: Progress = lambda done, total: None) -> Report:
    """Bring the pairs in. Raises Unusable before anything is stored, where the file cannot be read."""
    return import_table(
        Wish(file, MAPPING, file.name, key="strip-ftir", is_each_its_own=True), keeper, progress=progress
    )
