"""The form of one region: caption, who wrote it, alternatives, category, attributes. In the editor and the queue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QLineEdit, QPlainTextEdit, QScrollArea, QWidget

from roi_assistant.core.offers import Offers
from roi_assistant.core.records import AttributeSchema, Region
from roi_assistant.core.review import preferred_caption, shows_general_word
from roi_assistant.ui.docks.alike import AlikeRow
from roi_assistant.ui.docks.alternatives import Alternatives
from roi_assistant.ui.docks.attribute_form import AttributeForm
from roi_assistant.ui.docks.caption_edit import CaptionEdit
from roi_assistant.ui.docks.category_edit import CategoryEdit
from roi_assistant.ui.docks.provenance import provenance_line, provenance_tooltip
from roi_assistant.ui.docks.second_answer import SecondAnswer
from roi_assistant.ui.look.controls import ElidedLabel, Heading
from roi_assistant.ui.look.layouts import Margins, lay_column, lay_row, scrolled
from roi_assistant.ui.look.palette import GRID

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView


class RegionForm(QScrollArea):
    """The fields below ``head``, which says which region it is. ``origin_beside`` puts the line about who wrote the
    caption beside ``head`` instead of below the caption; ``gap`` is the space above a field."""

    def __init__(
        self,
        session: SessionView,
        head: QWidget,
        *,
        origin_beside: bool,
        gap: int,
        margins: Margins,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        page = QWidget()
        self.alike = AlikeRow(session, page)
        self.caption = CaptionEdit(page)
        self.origin = ElidedLabel(page, muted=True, small=True)
        self.alternatives = Alternatives(page)
        self.second = SecondAnswer(page)
        self.category = CategoryEdit(page)
        self.attributes = AttributeForm(page)
        self._attributes_heading = Heading(self.tr("Attributes"), page)
        if origin_beside:
            self.origin.setAlignment(Qt.AlignmentFlag.AlignRight)
            top = (lay_row(head, (self.origin, 1), spacing=GRID), self.caption)
        else:
            top = (head, GRID // 2, self.caption, self.origin)  # type: ignore[assignment]
        fields = (
            self.alike,
            self.second,
            *(GRID // 2, Heading(self.tr("Alternatives"), page, buddy=self.alternatives), self.alternatives),
            *(gap, Heading(self.tr("Category"), page, buddy=self.category.line), self.category),
            *(gap, self._attributes_heading, self.attributes),
        )
        lay_column(*top, *fields, None, parent=page, margins=margins, spacing=GRID // 2)
        scrolled(page, self).setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_schema(self, schema: AttributeSchema) -> None:
        """Ask for the attributes of ``schema``."""
        self.attributes.set_schema(schema)
        self._attributes_heading.setVisible(not self.attributes.is_empty)

    def clear(self) -> None:
        """There is no region."""
        self.caption.show_caption("", "")
        self.category.show_region(None)
        self.alike.show_region(None)
        self.second.show_region(None)

    def show_region(self, region: Region, *, key: str, without_caption: str) -> None:
        """Show ``region``; ``key`` tells it from all others, ``without_caption`` is said of one that has no caption."""
        caption = preferred_caption(region)
        self.caption.show_caption(key, caption.text if caption else "")
        provenance, score = (caption.provenance, caption.score) if caption else (None, None)
        line = (
            provenance_line(provenance, score=score, general=shows_general_word(region)) if caption else without_caption
        )
        self.origin.set_text(line, tooltip=provenance_tooltip(provenance, score=score))
        self.category.show_region(region)
        self.alike.show_region(region)
        self.second.show_region(region)
        self.attributes.set_region(region)

    def show_offers(self, region: Region, offers: Offers, phrases: Iterable[str]) -> None:
        """Offer other captions of ``region``, and propose ``phrases`` and its categories to whoever types."""
        self.alternatives.show_offers(offers)
        self.caption.set_phrases(phrases, names=(other.text for other in region.category_alternatives))

    def commit(self) -> None:
        """Hand over what is being typed into any field."""
        self.caption.commit()
        self.category.commit()
        self.attributes.commit()

    def select_field(self) -> None:
        """Select all that stands in the field with the focus."""
        for field in (self.caption, self.category.line):
            if field.hasFocus():
                field.selectAll()

    def focus_caption(self) -> None:
        """Put the cursor into the caption, all of it selected."""
        _focus(self.caption)

    def focus_category(self) -> None:
        """Put the cursor into the category, all of it selected."""
        _focus(self.category.line)


def _focus(field: QLineEdit | QPlainTextEdit) -> None:
    field.setFocus(Qt.FocusReason.ShortcutFocusReason)
    field.selectAll()
