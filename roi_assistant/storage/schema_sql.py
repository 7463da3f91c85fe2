"""Tables of the project file and the steps from one version of them to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

APPLICATION_ID = 0x524F4950
"""``ROIP`` in the header of the file: what ``file`` and we know it by."""

VERSION = 1
"""Version of the tables, in ``user_version``. A file with a larger one is refused."""

TABLES = """
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

MIGRATIONS: Mapping[int, Sequence[str]] = {}
"""Version -> statements that lead to the next one. A step is never changed once a release wrote files with it."""
