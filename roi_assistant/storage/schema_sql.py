"""Tables of the project file and the steps from one version of them to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

from roi_assistant.core.records import ReviewState

APPLICATION_ID = 0x524F4950
"""``ROIP`` in the header of the file: what ``file`` and we know it by."""

VERSION = 6
"""Version of the tables, in ``user_version``. A file with a larger one is refused."""

FIGURES_VERSION = 3
"""From this version on a file keeps the figures that this program counts."""

GRID = 32
"""Rows and columns of the grids of positions and sizes."""
MOST_WORDS = 40
"""Captions of this many words or more are counted together."""
AGREEMENT_STEPS = 10
AGREEMENT_UNIT = 1_000_000
"""Agreements are summed as whole numbers of this part: sums of fractions depend on their order."""
AREA_STEPS = 10
"""Classes of box areas, each a quarter of the one before: they halve the side of a square."""

_SEEN = "r.state <> 'rejected'"
_ON_IMAGE = f"regions AS r JOIN images AS i ON i.id = r.image_id WHERE i.width > 0 AND i.height > 0 AND {_SEEN}"
_JUDGED = "regions AS r WHERE r.agreement IS NOT NULL AND r.model <> ''"


def _cell(part: str) -> str:
    return f"max(0, min({GRID - 1}, CAST({part} * {GRID} AS INTEGER)))"


# Comparisons, because SQLite has a logarithm only when it was built with one.
_AREA_CLASS = (
    "CASE "
    + " ".join(
        f"WHEN (r.x2 - r.x1) * (r.y2 - r.y1) / i.width / i.height > {4.0 ** -(step + 1)!r} THEN {step}"
        for step in range(AREA_STEPS - 1)
    )
    + f" ELSE {AREA_STEPS - 1} END"
)

_MINUTE = "CAST(substr(r.reviewed_at, 15, 2) AS INTEGER)"
_QUARTER = f"substr(r.reviewed_at, 1, 14) || substr('00153045', 1 + 2 * ({_MINUTE} / 15), 2)"
"""``2026-01-02T03:15``: the quarter of an hour, in UTC. Days begin on one of them in every time zone."""

REGION_FIGURES = f"""
    SELECT r.id AS region, r.image_id AS image, 'category' AS figure, r.category_id AS a, 0 AS b, 1 AS n
        FROM regions AS r WHERE {_SEEN}
    UNION ALL SELECT r.id, r.image_id, 'words', min(r.caption_words, {MOST_WORDS}), 0, 1
        FROM regions AS r WHERE r.captions > 0 AND {_SEEN}
    UNION ALL SELECT r.id, r.image_id, 'model', r.model, r.state, 1 FROM regions AS r WHERE r.model <> ''
    UNION ALL SELECT r.id, r.image_id, 'unchanged', r.model, 0, 1
        FROM {_JUDGED} AND r.state = 'accepted' AND r.agreement = 1
    UNION ALL SELECT r.id, r.image_id, 'agreement', r.model,
            min({AGREEMENT_STEPS - 1}, CAST(r.agreement * {AGREEMENT_STEPS} AS INTEGER)), 1 FROM {_JUDGED}
    UNION ALL SELECT r.id, r.image_id, 'agreed', r.model, 0, CAST(round(r.agreement * {AGREEMENT_UNIT}) AS INTEGER)
        FROM {_JUDGED}
    UNION ALL SELECT r.id, r.image_id, 'reviewed', {_QUARTER}, 0, 1
        FROM regions AS r WHERE r.reviewed_at <> ''
    UNION ALL SELECT r.id, r.image_id, 'position', {_cell("(r.y1 + r.y2) / 2 / i.height")},
            {_cell("(r.x1 + r.x2) / 2 / i.width")}, 1 FROM {_ON_IMAGE}
    UNION ALL SELECT r.id, r.image_id, 'size', {_cell("(r.y2 - r.y1) / i.height")},
            {_cell("(r.x2 - r.x1) / i.width")}, 1 FROM {_ON_IMAGE}
    UNION ALL SELECT r.id, r.image_id, 'area', {_AREA_CLASS}, 0, 1 FROM {_ON_IMAGE}
    UNION ALL SELECT r.id, r.image_id, 'term', t.term, 0, 1
        FROM region_terms AS t JOIN regions AS r ON r.id = t.region WHERE {_SEEN}
"""
"""What each region adds to the figures of the overview: ``n`` to the figure ``figure`` with the arguments a and b."""

_STATES: tuple[ReviewState, ...] = get_args(ReviewState)
_COUNTS = f"(regions, {', '.join(_STATES)}, certainty)"
_LEAST_CERTAIN = "min(certainty) FILTER (WHERE state = 'suggested')"
_IN_EACH_STATE = ", ".join(f"count(*) FILTER (WHERE state = '{state}')" for state in _STATES)
_COUNTED_REGIONS = f"(SELECT count(*), {_IN_EACH_STATE}, {_LEAST_CERTAIN} FROM regions WHERE image_id = images.id)"
COUNT_REGIONS = f"UPDATE images SET {_COUNTS} = {_COUNTED_REGIONS}"
"""Of all images, how many regions they have and in which states, and how certain the least certain suggestion is."""
WRONGLY_COUNTED = f"SELECT key FROM images WHERE {_COUNTS} IS NOT {_COUNTED_REGIONS}"

COUNT_FIGURES = "INSERT INTO figures SELECT figure, a, b, sum(n) FROM region_figures GROUP BY 1, 2, 3"

_COUNTED = (
    "state", "category_id", "captions", "caption_words", "model", "agreement", "reviewed_at", "x1", "y1", "x2", "y2",
)  # fmt: skip
_OF_IMAGE = "figure IN ('position', 'size', 'area') AND image = old.id"


def _count(sign: str, which: str) -> str:
    return (
        f"INSERT INTO figures SELECT figure, a, b, {sign}n FROM region_figures WHERE {which} "
        "ON CONFLICT DO UPDATE SET n = n + excluded.n;"
    )


def _changed(columns: Sequence[str]) -> str:
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("old", "new"))
    return f"({old}) IS NOT ({new})"


_FIGURES = (
    f"CREATE VIEW region_figures AS {REGION_FIGURES}",
    # Sums of region_figures, kept by the triggers below: two million regions take seconds to count.
    "CREATE TABLE figures (figure TEXT NOT NULL, a NOT NULL, b NOT NULL, n INTEGER NOT NULL, "
    "PRIMARY KEY (figure, a, b)) WITHOUT ROWID",
    f"CREATE TRIGGER figures_of_added AFTER INSERT ON regions BEGIN {_count('', 'region = new.id')} END",
    f"CREATE TRIGGER figures_of_removed BEFORE DELETE ON regions BEGIN {_count('-', 'region = old.id')} END",
    f"CREATE TRIGGER figures_of_changing BEFORE UPDATE OF {', '.join(_COUNTED)} ON regions WHEN {_changed(_COUNTED)} "
    f"BEGIN {_count('-', 'region = old.id')} END",
    f"CREATE TRIGGER figures_of_changed AFTER UPDATE OF {', '.join(_COUNTED)} ON regions WHEN {_changed(_COUNTED)} "
    f"BEGIN {_count('', 'region = new.id')} END",
    f"CREATE TRIGGER figures_of_sizing BEFORE UPDATE OF width, height ON images WHEN {_changed(('width', 'height'))} "
    f"BEGIN {_count('-', _OF_IMAGE)} END",
    f"CREATE TRIGGER figures_of_sized AFTER UPDATE OF width, height ON images WHEN {_changed(('width', 'height'))} "
    f"BEGIN {_count('', _OF_IMAGE)} END",
    # A term that goes with its region was counted off with it: the region is not found any more.
    "CREATE TRIGGER figures_of_term_added AFTER INSERT ON region_terms BEGIN "
    + _count("", "figure = 'term' AND region = new.region AND a = new.term")
    + " END",
    "CREATE TRIGGER figures_of_term_removed BEFORE DELETE ON region_terms BEGIN "
    + _count("-", "figure = 'term' AND region = old.region AND a = old.term")
    + " END",
)

_FIRST_TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- key: POSIX path relative to the folder. sort: orders as a person would. The counts are those of the table regions.
CREATE TABLE images (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    sort TEXT NOT NULL,
    width INTEGER,
    height INTEGER,
    problem TEXT NOT NULL DEFAULT '',
    regions INTEGER NOT NULL DEFAULT 0,
    suggested INTEGER NOT NULL DEFAULT 0,
    accepted INTEGER NOT NULL DEFAULT 0,
    edited INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX images_by_sort ON images (sort);

-- id: of the category in every export, never derived from an order. words: the name as the search sees it.
CREATE TABLE categories (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, words TEXT NOT NULL);

-- body: JSON of core.records.Provenance without its raw output. Many fields share one.
CREATE TABLE provenances (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE);

-- position: order on the image. category_id: -1 for none (0 is an id in some COCO files). certainty: NULL where there
-- are no words to review. model: who suggested, '' for nobody. agreement: of the words with the model's, 0..1, of
-- accepted and edited regions. body: captions, attributes and alternatives, see storage.region_rows.
CREATE TABLE regions (
    id INTEGER PRIMARY KEY,
    image_id INTEGER NOT NULL REFERENCES images (id),
    region_id TEXT NOT NULL,
    position REAL NOT NULL,
    x1 REAL NOT NULL, y1 REAL NOT NULL, x2 REAL NOT NULL, y2 REAL NOT NULL,
    category_id INTEGER NOT NULL,
    category_score REAL,
    state TEXT NOT NULL,
    unsure INTEGER NOT NULL,
    locked INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    reviewed_at TEXT NOT NULL,
    certainty REAL,
    model TEXT NOT NULL,
    captions INTEGER NOT NULL,
    caption_words INTEGER NOT NULL,
    agreement REAL,
    caption_text TEXT NOT NULL,
    attribute_text TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (image_id, region_id)
);
CREATE INDEX regions_to_review ON regions (certainty, id) WHERE state = 'suggested' AND certainty IS NOT NULL;
CREATE INDEX regions_to_review_by_model ON regions (model, certainty, id)
    WHERE state = 'suggested' AND certainty IS NOT NULL;
CREATE INDEX regions_to_review_by_category ON regions (category_id, certainty, id)
    WHERE state = 'suggested' AND certainty IS NOT NULL;
CREATE INDEX regions_by_category ON regions (category_id, state);

-- Attribute values; value '' does not occur.
CREATE TABLE terms (id INTEGER PRIMARY KEY, name TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (name, value));
CREATE TABLE region_terms (
    region INTEGER NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    term INTEGER NOT NULL,
    PRIMARY KEY (region, term)
) WITHOUT ROWID;
CREATE INDEX region_terms_by_term ON region_terms (term, region);

CREATE VIEW region_words AS
    SELECT r.id AS id, r.caption_text AS caption,
        coalesce((SELECT words FROM categories WHERE id = r.category_id), '') AS category,
        r.attribute_text AS attributes
    FROM regions AS r;
CREATE VIRTUAL TABLE region_search USING fts5 (
    caption, category, attributes,
    content = 'region_words', content_rowid = 'id', prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER region_added AFTER INSERT ON regions BEGIN
    INSERT INTO region_search (rowid, caption, category, attributes)
        SELECT id, caption, category, attributes FROM region_words WHERE id = new.id;
END;
CREATE TRIGGER region_removed BEFORE DELETE ON regions BEGIN
    INSERT INTO region_search (region_search, rowid, caption, category, attributes)
        SELECT 'delete', id, caption, category, attributes FROM region_words WHERE id = old.id;
END;
CREATE TRIGGER region_changing BEFORE UPDATE OF caption_text, category_id, attribute_text ON regions
    WHEN old.caption_text <> new.caption_text OR old.category_id <> new.category_id
        OR old.attribute_text <> new.attribute_text
BEGIN
    INSERT INTO region_search (region_search, rowid, caption, category, attributes)
        SELECT 'delete', id, caption, category, attributes FROM region_words WHERE id = old.id;
END;
CREATE TRIGGER region_changed AFTER UPDATE OF caption_text, category_id, attribute_text ON regions
    WHEN old.caption_text <> new.caption_text OR old.category_id <> new.category_id
        OR old.attribute_text <> new.attribute_text
BEGIN
    INSERT INTO region_search (rowid, caption, category, attributes)
        SELECT id, caption, category, attributes FROM region_words WHERE id = new.id;
END;

-- image_id 0: the whole project. undone: taken back, and can be done again. edit: compressed JSON of core.edits.Edit.
CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id INTEGER NOT NULL,
    undone INTEGER NOT NULL DEFAULT 0,
    label TEXT NOT NULL,
    created_at TEXT NOT NULL,
    edit BLOB NOT NULL
);
CREATE INDEX history_of_image ON history (image_id, undone, id);

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    image_id INTEGER NOT NULL REFERENCES images (id),
    created_at TEXT NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX conversations_of_image ON conversations (image_id, created_at);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    parameters TEXT NOT NULL
) WITHOUT ROWID;
"""

# certainty: of the least certain suggestion with words, NULL without one; kept with the counts.
_IMAGE_NOTES = (
    "ALTER TABLE images ADD COLUMN certainty REAL",
    "ALTER TABLE images ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE images ADD COLUMN reviewed_empty INTEGER NOT NULL DEFAULT 0",
)
_FIRST_CERTAINTIES = (
    f"UPDATE images SET certainty = (SELECT {_LEAST_CERTAIN} FROM regions WHERE image_id = images.id) "
    "WHERE suggested > 0"
)

_BOX = ("x1", "y1", "x2", "y2")
_FEATURES = (
    # How regions look, see storage.region_features. model: sha256 of its weights. vector: little-endian float16, at
    # most 4096 of them, of the pixels in the box: one that changes has other pixels. Derived, as the figures.
    "CREATE TABLE features (region INTEGER PRIMARY KEY REFERENCES regions (id) ON DELETE CASCADE, "
    "model TEXT NOT NULL, vector BLOB NOT NULL)",
    f"CREATE TRIGGER features_of_changed AFTER UPDATE OF {', '.join(_BOX)} ON regions WHEN {_changed(_BOX)} "
    "BEGIN DELETE FROM features WHERE region = old.id; END",
)

_LEARNED = (
    # What other projects taught, see storage.learned. source: the name of the other. lesson: JSON. The rest as above.
    "CREATE TABLE learned (id INTEGER PRIMARY KEY, source TEXT NOT NULL, model TEXT NOT NULL, lesson TEXT NOT NULL, "
    "vector BLOB NOT NULL)",
)

_DISAGREEMENT = (
    # How far other models disagree with the words, 0..1, see core.disagreement; NULL where none was asked. What they
    # said is in body, which older programs would write without it.
    "ALTER TABLE regions ADD COLUMN disagreement REAL",
    "CREATE INDEX regions_to_review_by_disagreement ON regions (-coalesce(disagreement, -1.0), certainty, id) "
    "WHERE state = 'suggested' AND certainty IS NOT NULL",
)

TABLES = f"{_FIRST_TABLES}; {'; '.join((*_FIGURES, *_IMAGE_NOTES, *_FEATURES, *_LEARNED, *_DISAGREEMENT))}"
"""Statements that make an empty project."""

_NEW_FIGURES = "figure IN ('unchanged', 'reviewed')"
FORMER = frozenset({"a632b0ffd44fc5ccb67a1239a1d3be3067de618f9d0050e16af62391d6f75510"})
"""SHA-256 of the text of views and triggers of earlier versions, which a migration replaces."""

MIGRATIONS: Mapping[int, Sequence[str]] = {
    1: (*_FIGURES, COUNT_FIGURES),
    # Regions may also hold fields that nobody has confirmed, which older programs would take for confirmed ones.
    2: (
        *_IMAGE_NOTES,
        _FIRST_CERTAINTIES,
        "DROP VIEW region_figures",
        _FIGURES[0],
        f"DELETE FROM figures WHERE figure = 'day' OR {_NEW_FIGURES}",
        f"INSERT INTO figures SELECT figure, a, b, sum(n) FROM region_figures WHERE {_NEW_FIGURES} GROUP BY 1, 2, 3",
    ),
    3: _FEATURES,
    4: _LEARNED,
    5: _DISAGREEMENT,
}
"""Version -> statements that lead to the next one. A step is never changed once a release wrote files with it."""

OLDER: Mapping[int, str] = {
    3: "CREATE TEMP VIEW images AS SELECT *, '' AS note, 0 AS reviewed_empty, "
    f"(SELECT {_LEAST_CERTAIN} FROM regions WHERE image_id = i.id) AS certainty FROM main.images AS i",
    4: "CREATE TEMP VIEW features AS SELECT 0 AS region, '' AS model, x'' AS vector WHERE 0",
    5: "CREATE TEMP VIEW learned AS SELECT 0 AS id, '' AS source, '' AS model, '' AS lesson, x'' AS vector WHERE 0",
    6: "CREATE TEMP VIEW regions AS SELECT *, NULL AS disagreement FROM main.regions",
}
"""Version -> what gives a file of an earlier one that is only read, and so is not brought up to date, what this version
brought."""
