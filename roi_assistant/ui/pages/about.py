"""The About page: versions, system and folders."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PyQt6.QtCore import PYQT_VERSION_STR, QT_VERSION_STR, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton

from roi_assistant import __version__
from roi_assistant.settings import config_folder, data_folder, log_file
from roi_assistant.ui.look.palette import GRID
from roi_assistant.ui.look.translation import translated
from roi_assistant.ui.pages.page import Card, Hint, Page
from roi_assistant.ui.session.view import SessionView


class AboutPage(Page):
    """Facts that belong into a bug report, with a button that copies them."""

    def __init__(self, session: SessionView) -> None:
        super().__init__()
        self._session = session
        self.set_title(
            self.tr("RoI Assistant {}").format(__version__),
            self.tr(
                "Draw a box on a photo, and a model that runs on this computer writes its caption and attributes. "
                "Nothing leaves the computer, unless you add a server on another one."
            ),
            name=self.tr("About RoI Assistant"),
        )
        self._cards: dict[str, QGridLayout] = {}
        for name, title in (
            ("model", self.tr("Model")),
            ("program", self.tr("Program")),
            ("files", self.tr("Files")),
        ):
            card = Card(title)
            grid = QGridLayout()
            grid.setHorizontalSpacing(3 * GRID)
            grid.setVerticalSpacing(GRID // 2)
            grid.setColumnStretch(1, 1)
            card.body.addLayout(grid)
            self._cards[name] = grid
            self.body.addWidget(card)
        self.body.addWidget(
            Hint(
                self.tr(
                    "The program is under the Apache License 2.0. The weights of the embedded model are for research "
                    "and education, not for commercial use. PyQt6 is under the GPL. The sample photos are in the "
                    "public domain or CC0."
                )
            )
        )
        self.body.addStretch(1)
        copy = QPushButton(self.tr("Copy for a report"))
        copy.setToolTip(self.tr("Copy these facts to the clipboard"))
        copy.clicked.connect(self._copy)
        doctor = Hint(self.tr("If something does not work, run: roi-assistant doctor"))
        doctor.setWordWrap(False)
        self.add_to_footer(doctor, None, copy)
        session.engine.stateChanged.connect(lambda _: self.refresh())
        self.refresh()

    def facts(self) -> dict[str, list[tuple[str, str]]]:
        """Name and value of each fact, by card."""
        state = self._session.engine.state
        info = getattr(state, "info", None)
        model = [(self.tr("Chosen"), self._session.model_name)]
        if info is not None:
            model += [
                (self.tr("Loaded"), f"{info.name} ({info.id})"),
                (self.tr("Device"), info.device),
                (self.tr("Precision"), info.precision),
                (self.tr("Weights (sha256)"), info.weights_sha256[:16]),
                (self.tr("Can do"), ", ".join(sorted(info.capabilities))),
                *((self.tr("Note"), translated(note)) for note in info.notes),
            ]
        elif state is not None:
            model.append((self.tr("State"), translated(state.message) or state.state))
        screen = self.screen()
        ratio = f"{screen.devicePixelRatio():g}" if screen is not None else "?"
        program = [
            ("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}"),
            ("Qt", f"{QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}, {QGuiApplication.platformName()}, × {ratio}"),
            ("onnxruntime", _version("onnxruntime-gpu") or _version("onnxruntime") or "-"),
            ("torch", _version("torch") or self.tr("not installed; not needed")),
        ]
        folder = self._session.folder
        files = [
            (self.tr("Project"), str(folder / "project.roi") if folder else "-"),
            (self.tr("Settings"), str(config_folder())),
            (self.tr("Plugins and models"), str(data_folder())),
            (self.tr("Log"), str(log_file())),
        ]
        return {"model": model, "program": program, "files": files}

    def refresh(self) -> None:
        """Show the facts of now."""
        for name, rows in self.facts().items():
            grid = self._cards[name]
            while grid.count():
                item = grid.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.deleteLater()
            for row, (fact, value) in enumerate(rows):
                grid.addWidget(Hint(fact), row, 0, Qt.AlignmentFlag.AlignTop)
                label = QLabel(value)
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                label.setWordWrap(True)
                grid.addWidget(label, row, 1)

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.refresh()
        super().showEvent(event)

    def _copy(self) -> None:
        lines = [f"RoI Assistant {__version__}"]
        lines += [f"{name}: {value}" for rows in self.facts().values() for name, value in rows]
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            clipboard.setText("\n".join(lines))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
