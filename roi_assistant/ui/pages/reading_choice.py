"""The switch on the page of attributes: whether what is written in boxes is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QCheckBox, QWidget

from roi_assistant.core.reading import TEXT
from roi_assistant.ui.pages.schema_draft import DraftAttribute

if TYPE_CHECKING:
    from roi_assistant.ui.session.view import SessionView


class ReadingChoice(QCheckBox):
    """Checked while the project reads boxes: it has the attribute for it, and nobody switched it off.

    ``add`` puts the attribute into the draft of the page, where it is saved or discarded like any other.
    """

    def __init__(
        self,
        session: SessionView,
        draft: Callable[[], Sequence[DraftAttribute]],
        add: Callable[[DraftAttribute], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._draft, self._add = session, draft, add
        self.setText(self.tr("Read what is written in boxes into the attribute “{}”").format(TEXT))
        self.setToolTip(
            self.tr(
                "Signs, plates, labels and screens, upright or turned, beside any model. It needs "
                "roi-assistant[ocr] and sends nothing anywhere. Holds at once, without saving the schema."
            )
        )
        self.clicked.connect(self._choose)
        session.reading.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Follow the project and the draft."""
        self.setEnabled(self._session.folder is not None and not self._session.read_only)
        self.setChecked(self._session.reading.value != "no" and self._has_attribute())

    def _has_attribute(self) -> bool:
        return any(item.name.strip() == TEXT and item.kind == "text" for item in self._draft())

    def _choose(self, read: bool) -> None:
        if read and not self._has_attribute():
            self._add(DraftAttribute(TEXT, "text", question="what is written on <region1>?"))
        self._session.reading.replace("yes" if read else "no")
