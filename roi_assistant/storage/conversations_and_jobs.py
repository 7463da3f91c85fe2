"""Conversations and unfinished jobs in the project file."""

from __future__ import annotations

import json
import sqlite3
import uuid
from dataclasses import replace

from roi_assistant.core.record_json import encode
from roi_assistant.core.records import Conversation
from roi_assistant.storage.image_edits import ensure_image
from roi_assistant.storage.keys import from_db, to_db
from roi_assistant.storage.records import StoredJob
from roi_assistant.storage.region_rows import dump


def save_conversation(db: sqlite3.Connection, image: str, conversation: Conversation, *, at: str) -> Conversation:
    """Insert or replace; gives it an id and a time when it has none."""
    saved = replace(
        conversation,
        image=image,
        id=conversation.id or uuid.uuid4().hex,
        created_at=conversation.created_at or at,
    )
    db.execute(
        "INSERT OR REPLACE INTO conversations (id, image_id, created_at, body) VALUES (?, ?, ?, ?)",
        (to_db(saved.id), ensure_image(db, image), to_db(saved.created_at), dump(encode(saved))),
    )
    return saved


def delete_conversation(db: sqlite3.Connection, id: str) -> None:
    """Nothing happens when there is none with this id."""
    db.execute("DELETE FROM conversations WHERE id = ?", (to_db(id),))


def save_job(db: sqlite3.Connection, job: StoredJob, *, at: str) -> None:
    """Insert or replace; gives it a time when it has none."""
    db.execute(
        "INSERT OR REPLACE INTO jobs (id, kind, label, done, total, created_at, parameters) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (job.id, job.kind, to_db(job.label), job.done, job.total, job.created_at or at, dump(dict(job.parameters))),
    )


def load_jobs(db: sqlite3.Connection) -> tuple[StoredJob, ...]:
    """All jobs, oldest first."""
    rows = db.execute("SELECT id, kind, label, done, total, parameters, created_at FROM jobs ORDER BY created_at, id")
    return tuple(
        StoredJob(id_, kind, from_db(label), done, total, json.loads(parameters), created_at)
        for id_, kind, label, done, total, parameters, created_at in rows
    )


def delete_job(db: sqlite3.Connection, id: str) -> None:
    """Nothing happens when there is none with this id."""
    db.execute("DELETE FROM jobs WHERE id = ?", (id,))
