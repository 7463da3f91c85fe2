"""The attribute schema in use, and what became of attribute names since the project was opened."""

from __future__ import annotations

from PyQt6.QtCore import QObject, pyqtSignal

from roi_assistant.core.edits import Edit, exchange
from roi_assistant.core.records import AttributeSchema, DescribeRequest, RegionText
from roi_assistant.ui.session.region_actions import called_now


class SchemaInUse(QObject):
    changed = pyqtSignal(object)
    """AttributeSchema"""
    renamed = pyqtSignal(dict)
    """Old name -> new name of attributes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.value = AttributeSchema("")
        self._replaced: list[tuple[AttributeSchema, dict[str, str]]] = []

    def reset(self, schema: AttributeSchema) -> None:
        """The schema of a project that was just opened; tells nobody."""
        self.value, self._replaced = schema, []

    def read_again(self, schema: AttributeSchema) -> None:
        """The schema as it is stored."""
        if schema != self.value:
            self.value = schema
            self.changed.emit(schema)

    def replace(self, edit: Edit) -> None:
        """Follow an edit that has a schema."""
        assert edit.schema is not None
        before, self.value = edit.schema
        names = exchange(edit.renamed)
        self._replaced.append((before, names))
        self.renamed.emit(names)
        self.changed.emit(self.value)

    def called_now(self, text: RegionText, request: DescribeRequest | None) -> RegionText:
        """``text``, an answer to ``request``, with its attributes under the names that they have now."""
        return called_now(text, request, self._replaced)
