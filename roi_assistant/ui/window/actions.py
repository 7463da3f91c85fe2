"""The one table of what the window can be told to do.

A new action is a row of `ACTIONS` and the function that the row calls, usually one of the session. Menus, toolbar,
context menus, command palette, shortcuts page, the guide's table of keys and the texts for translators are made from
the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal, Protocol

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PyQt6.QtGui import QGuiApplication

from roi_assistant.core.review import is_waiting
from roi_assistant.imaging.tone import Tone
from roi_assistant.settings import Settings, log_folder
from roi_assistant.ui.pages.shortcuts import ShortcutRow
from roi_assistant.ui.session.edits import RegionEdits
from roi_assistant.ui.session.session import ProjectSession
from roi_assistant.ui.window.workspace import Workspace

Menu = Literal["file", "edit", "view", "go", "region", "project", "help", ""]
Surface = Literal["toolbar", "region_menu", "image_menu", "image_list_menu"]
"""Where actions stand besides the menu bar: the toolbar, the context menu of a region (on the canvas and in the list of
regions), the context menu of the canvas where there is no region, and that of the list of images."""
Needs = Literal["", "project", "workspace", "image", "region", "undo", "redo"]
"""When an action is enabled: always; with an open project; while the canvas is in sight; with an image on it; with a
selected region; with a step to undo or redo."""

MENUS: dict[Menu, str] = {
    "file": QT_TRANSLATE_NOOP("Actions", "&File"),
    "edit": QT_TRANSLATE_NOOP("Actions", "&Edit"),
    "view": QT_TRANSLATE_NOOP("Actions", "&View"),
    "go": QT_TRANSLATE_NOOP("Actions", "&Go"),
    "region": QT_TRANSLATE_NOOP("Actions", "&Region"),
    "project": QT_TRANSLATE_NOOP("Actions", "&Project"),
    "help": QT_TRANSLATE_NOOP("Actions", "&Help"),
}
OF_PROJECT = frozenset({"schema", "lint"})
"""Pages whose changes belong to no image: undo there takes back the last step of the project."""
_ZOOM_STEP = 1.25


class ActionTarget(Protocol):
    """What the callbacks of the table use of the window."""

    session: ProjectSession
    workspace: Workspace
    settings: Settings
    tool: str

    @property
    def page(self) -> str:
        """The name of the page in sight."""

    def show_page(self, name: str) -> None:
        """Show the page ``name``."""

    def show_look_alikes(self, image: str, regions: Sequence[str]) -> None:
        """Show what waits and looks like one of the regions, by their ids, of an image."""

    def show_palette(self) -> None:
        """Open the search for actions, folders and images."""

    def ask_for_folder(self) -> None:
        """Let the user choose a folder and open it."""

    def ask_for_annotations(self) -> None:
        """Let the user choose a format and a file and import it."""

    def ask_for_annotation_folder(self) -> None:
        """Let the user choose a folder of annotation files and import it."""

    def ask_for_teacher(self) -> None:
        """Let the user choose another project, and learn from it."""

    def open_samples(self) -> None:
        """Open a copy of the sample photos."""

    def show_in_file_manager(self, folder: Path) -> None:
        """Show ``folder`` in the desktop's file manager."""

    def leave_project(self) -> None:
        """Close the open project, remember its image in sight, and show the welcome page."""

    def set_tool(self, tool: str) -> None:
        """Make ``tool`` the one that the pointer uses on the canvas."""

    def change_setting(self, name: str, value: object) -> None:
        """Change one setting and store it; ``name`` is a field of `Settings`."""

    def toggle_full_screen(self) -> None:
        """Fill the screen, or become a window again."""

    def close(self) -> bool:
        """Close the window; answers whether it was closed."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action.

    Attributes:
        id: Unique in the table.
        text: English, with ``&`` before the access key; ``{}`` stands for ``number``.
        run: The callback.
        keys: Shortcuts in Qt's portable notation, separated by spaces.
        needs: When it is enabled.
        menu: Its menu in the menu bar, in the order of the table; "" for none.
        gap: It begins a new group in that menu.
        toolbar, region_menu, image_menu, image_list_menu: Its group on that surface, 1 and up, 0 for none. Groups are
            separated; within a group the fraction orders (2.1 stands before 2.2), then the table.
        icon: Name of a file in ``resources/icons``.
        setting: The boolean setting whose value the check mark shows.
        checkable: It has a check mark.
        edits: Labels of the edits that it makes, as the undo menu names them.
        number: For actions that differ in a number only.
    """

    id: str
    text: str
    run: Callable[[ActionTarget], object]
    keys: str = ""
    needs: Needs = ""
    menu: Menu = ""
    gap: bool = False
    toolbar: float = 0
    region_menu: float = 0
    image_menu: float = 0
    image_list_menu: float = 0
    icon: str = ""
    setting: str = ""
    checkable: bool = False
    edits: tuple[str, ...] = ()
    number: int | None = None

    @property
    def shortcuts(self) -> tuple[str, ...]:
        """The keys one by one."""
        return tuple(self.keys.split())

    @property
    def shown_text(self) -> str:
        """The text in the language of the user."""
        text = QCoreApplication.translate("Actions", self.text)
        return text if self.number is None else text.format(self.number)

    @property
    def plain_text(self) -> str:
        """``shown_text`` without the mark of the access key and the dots."""
        return self.shown_text.replace("&", "").rstrip("…")


def _toggle_setting(name: str) -> Callable[[ActionTarget], object]:
    return lambda w: w.change_setting(name, not getattr(w.settings, name))


def _page(name: str) -> Callable[[ActionTarget], object]:
    return lambda w: w.show_page(name)


def _undo(w: ActionTarget) -> None:
    if w.page in OF_PROJECT:
        w.session.history.undo("")
    else:
        w.session.undo()


def _redo(w: ActionTarget) -> None:
    w.session.history.redo("" if w.page in OF_PROJECT else None)


def _search(w: ActionTarget) -> None:
    w.show_page("workspace")
    w.workspace.raise_dock("images")
    w.workspace.images.focus_search()


def _edit_note(w: ActionTarget) -> None:
    w.workspace.raise_dock("images")
    w.workspace.images.notes.focus_note()


def _choose_order(w: ActionTarget) -> None:
    w.workspace.raise_dock("images")
    w.workspace.images.order.choose()


def _jump(w: ActionTarget) -> None:
    w.show_page("workspace")
    w.workspace.raise_dock("images")
    w.workspace.images.jump.open()


def _look_for(w: ActionTarget) -> None:
    w.show_page("workspace")
    w.workspace.raise_dock("regions")
    w.workspace.regions.look_for.open()


def _step_finding(w: ActionTarget, step: int) -> None:
    w.show_page("workspace")
    w.session.lint.step(step)


def _ask_about(w: ActionTarget) -> None:
    w.show_page("workspace")
    w.workspace.raise_dock("chat")
    w.workspace.chat.focus_input()


def _find_category(w: ActionTarget) -> None:
    w.show_page("workspace")
    w.workspace.raise_dock("categories")
    w.workspace.categories.focus_filter()


def _arm_category(number: int) -> Callable[[ActionTarget], object]:
    return lambda w: w.session.categories.toggle_digit(number)


def _deselect(w: ActionTarget) -> None:
    if w.session.categories.armed:
        w.session.categories.disarm()
    else:
        w.session.image.select(())
    w.workspace.canvas.setFocus()


def _on_last_selected(act: Callable[[ActionTarget, str], object]) -> Callable[[ActionTarget], object]:
    return lambda w: act(w, w.session.image.selection[-1]) if w.session.image.selection else None


def _choose_alternative(number: int) -> Callable[[ActionTarget], object]:
    def choose(w: ActionTarget, id_: str) -> None:
        edits, region = w.session.edits, w.session.image.region(id_)
        if region is not None and number <= len(edits.offers(region)):
            edits.decide(lambda _ids: edits.choose_alternative(id_, number - 1), (id_,))

    return _on_last_selected(choose)


def _on_selected(act: Callable[[RegionEdits, Sequence[str]], object]) -> Callable[[ActionTarget], object]:
    return lambda w: act(w.session.edits, w.session.image.selection)


def _select_all(w: ActionTarget) -> None:
    w.session.image.select(region.id for region in w.session.image.regions)


def _show_look_alikes(w: ActionTarget) -> None:
    w.show_look_alikes(w.session.image.key, w.session.image.selection)


def _describe(w: ActionTarget) -> None:
    w.session.suggestions.describe(w.session.image.selection)


def _describe_image(w: ActionTarget) -> None:
    w.session.suggestions.describe(region.id for region in w.session.image.regions if region.state == "suggested")


def _accept_image(w: ActionTarget) -> None:
    w.session.edits.accept(region.id for region in w.session.image.regions if is_waiting(region))


def _delete_all(w: ActionTarget) -> None:
    w.session.edits.delete(region.id for region in w.session.image.regions)


def _copy_text(text: str) -> None:
    clipboard = QGuiApplication.clipboard()
    assert clipboard is not None
    clipboard.setText(text)


def _image_file(w: ActionTarget) -> Path:
    return w.session.path(w.session.image.key)


def _open_log_folder(w: ActionTarget) -> None:
    folder = log_folder()
    folder.mkdir(parents=True, exist_ok=True)
    w.show_in_file_manager(folder)


def _toggle_locked(w: ActionTarget) -> None:
    chosen = [w.session.image.region(id_) for id_ in w.session.image.selection]
    locked = all(region is not None and region.locked for region in chosen)
    w.session.edits.set_locked(w.session.image.selection, not locked)


# A table: a row is wider than the formatter would leave it. `scripts/update_translations.py` reads texts and edits.
# fmt: off
ACTIONS: tuple[Action, ...] = (
    Action("open_folder", "&Open folder…", lambda w: w.ask_for_folder(), "Ctrl+O", menu="file", icon="folder"),
    Action("open_samples", "Open the &sample photos", lambda w: w.open_samples(), menu="file"),
    Action("rescan", "Look for &new images", lambda w: w.session.images.rescan(), "F5", "project", "file"),
    Action("import_annotations", "&Import annotations…", lambda w: w.ask_for_annotations(), "Ctrl+Shift+I", "project",
           "file", gap=True, edits=("Import regions",)),
    Action("import_annotation_folder", "Import a folder of anno&tations…", lambda w: w.ask_for_annotation_folder(), "",
           "project", "file"),
    Action("show_export", "&Export…", _page("export"), "Ctrl+E", "project", "file", icon="export"),
    Action("copy_file_name", "Copy the file na&me", lambda w: _copy_text(_image_file(w).name), "", "image", "file",
           gap=True, image_list_menu=2),
    Action("copy_file_path", "Copy the file &path", lambda w: _copy_text(str(_image_file(w))), "", "image", "file",
           image_list_menu=2),
    Action("show_file", "Show in the file mana&ger", lambda w: w.show_in_file_manager(_image_file(w).parent), "",
           "image", "file", image_list_menu=2),
    Action("close_project", "&Close folder", lambda w: w.leave_project(), "Ctrl+W", "project", "file", gap=True),
    Action("quit", "&Quit", lambda w: w.close(), "Ctrl+Q", menu="file"),

    Action("undo", "&Undo", _undo, "Ctrl+Z", "undo", "edit", toolbar=3, icon="undo"),
    Action("redo", "&Redo", _redo, "Ctrl+Shift+Z Ctrl+Y", "redo", "edit",
           toolbar=3, icon="redo"),
    Action("copy", "&Copy regions", _on_selected(RegionEdits.copy), "Ctrl+C", "region", "edit", gap=True,
           region_menu=3.1),
    Action("paste", "&Paste regions", lambda w: w.session.edits.paste(), "Ctrl+V", "image", "edit",
           image_menu=1, edits=("Paste",)),
    Action("copy_from_previous", "Copy boxes from the pre&vious image",
           lambda w: w.session.copy_from_previous(words=False), "Ctrl+Shift+V", "image", "edit",
           image_menu=1, image_list_menu=3, edits=("Copy from previous image",)),
    Action("copy_words_from_previous", "Copy boxes and &words from the previous image",
           lambda w: w.session.copy_from_previous(words=True), "Ctrl+Alt+Shift+V", "image", "edit",
           image_menu=1, image_list_menu=3),
    Action("toggle_keep_previous", "&Keep boxes on the next image", _toggle_setting("keep_previous"), "K", "workspace",
           "edit", setting="keep_previous", edits=("Keep previous boxes",)),
    Action("delete", "&Delete regions", _on_selected(RegionEdits.delete), "Del Backspace", "region", "edit",
           region_menu=3.3, icon="delete", edits=("Delete",)),
    Action("select_all", "Select &all regions", _select_all, "Ctrl+A", "image", "edit"),
    Action("deselect", "Select &no region", _deselect, "Esc", "workspace", "edit"),
    Action("edit_note", "&Note on the image", _edit_note, "N", "image", "edit", gap=True, image_menu=4,
           edits=("Edit note",)),
    Action("nothing_here", "Not&hing here", lambda w: w.session.notes.toggle_reviewed_empty(), "0", "image", "edit",
           image_menu=4, edits=("Nothing here",)),
    Action("show_settings", "&Settings", _page("settings"), "Ctrl+,", menu="edit", gap=True, icon="settings"),
    Action("show_models", "&Models", _page("models"), menu="edit"),

    Action("toggle_labels", "&Labels", _toggle_setting("show_labels"), "L", "workspace", "view",
           toolbar=5, image_menu=3, icon="labels", setting="show_labels"),
    Action("toggle_attributes", "Attribute &values", _toggle_setting("show_attributes"), "Shift+L", "workspace", "view",
           image_menu=3, setting="show_attributes"),
    Action("toggle_category_colors", "Color &by category", _toggle_setting("category_colors"), "Shift+C", "workspace",
           "view", setting="category_colors"),
    Action("toggle_snap", "&Snap to edges", _toggle_setting("snap"), "G", "workspace", "view",
           toolbar=5, icon="snap", setting="snap"),
    Action("toggle_crosshair", "&Crosshair", _toggle_setting("crosshair"), "C", "workspace", "view",
           toolbar=5, icon="crosshair", setting="crosshair"),
    Action("choose_order", "S&ort and group images…", _choose_order, "S", "workspace", "view", gap=True),
    Action("show_view_panel", "&Brightness, contrast, boxes…", lambda w: w.workspace.toggle_view_panel(), "B",
           "workspace", "view", gap=True, toolbar=5, image_menu=3, icon="tone"),
    Action("reset_tone", "&Reset brightness and contrast", lambda w: w.workspace.set_tone(Tone()), "Shift+B",
           "workspace", "view"),
    Action("fit", "&Fit the image", lambda w: w.workspace.canvas.camera.fit(), "F", "image", "view", gap=True,
           toolbar=4, image_menu=2, icon="fit"),
    Action("one_to_one", "&Actual size", lambda w: w.workspace.canvas.camera.one_to_one(), "Ctrl+1", "image", "view",
           toolbar=4, image_menu=2, icon="one-to-one"),
    Action("zoom_in", "Zoom &in", lambda w: w.workspace.canvas.camera.zoom_by(_ZOOM_STEP), "+ = Ctrl++", "image",
           "view"),
    Action("zoom_out", "Zoom &out", lambda w: w.workspace.canvas.camera.zoom_by(1 / _ZOOM_STEP), "- Ctrl+-", "image",
           "view"),
    Action("zoom_to_region", "&Zoom to the region",
           _on_last_selected(lambda w, id_: w.workspace.canvas.regions.zoom_to_region(id_)), "Z", "region", "view"),
    Action("full_screen", "F&ull screen", lambda w: w.toggle_full_screen(), "F11", menu="view", gap=True,
           checkable=True),

    Action("next_image", "&Next image", lambda w: w.session.step_image(1), "D PgDown", "image", "go", icon="next"),
    Action("previous_image", "&Previous image", lambda w: w.session.step_image(-1), "A PgUp", "image", "go",
           icon="previous"),
    Action("jump", "&Jump to image…", _jump, "Ctrl+J", "project", "go"),
    Action("next_region", "Next &region", lambda w: w.workspace.step_region(1), "Tab", "image", "go", gap=True),
    Action("previous_region", "Previous r&egion", lambda w: w.workspace.step_region(-1), "Shift+Tab", "image", "go"),
    Action("next_finding", "Next &doubtful region", lambda w: _step_finding(w, 1), "F8", "project", "go"),
    Action("previous_finding", "Previous doubtful re&gion", lambda w: _step_finding(w, -1), "Shift+F8", "project",
           "go"),
    Action("next_field", "Next &field", lambda w: w.workspace.step_field(1), "F6", "workspace", "go"),
    Action("previous_field", "Previous fie&ld", lambda w: w.workspace.step_field(-1), "Shift+F6", "workspace", "go"),
    Action("search", "&Search images", _search, "Ctrl+F", "project", "go", gap=True, icon="search"),
    Action("find_category", "C&ategories", _find_category, "Ctrl+Shift+T", "project", "go",
           edits=("Rename category", "Merge categories", "Split category", "Delete category", "Change categories")),
    Action("show_workspace", "&Images and regions", _page("workspace"), "Ctrl+G", "project", "go", gap=True),
    Action("show_palette", "&Command palette", lambda w: w.show_palette(), "Ctrl+K Ctrl+Shift+P", menu="go",
           icon="palette"),

    Action("draw", "&Draw boxes", lambda w: w.set_tool("draw"), "W", "workspace", "region",
           toolbar=1.2, icon="draw", checkable=True),
    Action("select", "&Select and move", lambda w: w.set_tool("select"), "V", "workspace", "region",
           toolbar=1.1, icon="select", checkable=True),
    Action("suggest_boxes", "Suggest bo&xes", lambda w: w.session.box_suggestions.suggest(), "P", "image", "region",
           image_menu=1, edits=("Suggest boxes",)),
    Action("look_for", "Suggest boxes &by words…", _look_for, "Shift+P", "image", "region", image_menu=1),
    Action("larger_box", "La&rger box", lambda w: w.session.box_suggestions.enlarge(), "Shift+W", "region", "region",
           region_menu=2, edits=("Larger box",)),
    Action("accept", "&Accept", _on_selected(lambda edits, ids: edits.decide(edits.accept, ids)), "Return Enter",
           "region", "region", gap=True, toolbar=2, region_menu=1, icon="accept", edits=("Accept",)),
    Action("edit_caption", "&Edit the caption", _on_last_selected(lambda w, id_: w.workspace.edit_caption(id_)), "E",
           "region", "region", toolbar=2, region_menu=1, icon="edit", edits=("Edit caption", "Add caption")),
    Action("edit_category", "Edit the ca&tegory", _on_last_selected(lambda w, id_: w.workspace.edit_category(id_)), "T",
           "region", "region", region_menu=1, edits=("Set category",)),
    Action("reject", "Re&ject", _on_selected(lambda edits, ids: edits.decide(edits.reject, ids)), "X",
           "region", "region", toolbar=2, region_menu=1, icon="reject", edits=("Reject",)),
    *(Action(f"choose_alternative_{number}", "Choose alternative {}", _choose_alternative(number), str(number),
             "region", edits=("Choose alternative",), number=number) for number in range(1, 10)),
    *(Action(f"arm_category_{number}", "Next boxes: category {}", _arm_category(number), f"Alt+{number}",
             "workspace", number=number) for number in range(1, 10)),
    Action("show_look_alikes", "Appl&y to look-alikes…", _show_look_alikes, "Y", "image", "region", region_menu=1,
           icon="crops", edits=("Apply to look-alikes",)),
    Action("reopen", "&Back to review", _on_selected(RegionEdits.reopen), "", "region", "region",
           region_menu=1, edits=("Reopen",)),
    Action("describe", "Describe a&gain", _describe, "R", "region", "region", gap=True,
           toolbar=2, region_menu=2, icon="describe", edits=("Suggestion",)),
    Action("ask_second", "Ask another &model", lambda w: w.session.second.ask(w.session.image.selection), "Shift+R",
           "region", "region", region_menu=2, edits=("Answers of another model",)),
    Action("take_answer", "Take the &other model's words", lambda w: w.workspace.editor.take_answer(), "Shift+Return",
           "region", "region", region_menu=2, edits=("Take another model's words",)),
    Action("describe_image", "Descr&ibe all regions of the image", _describe_image, "", "image", "region",
           image_list_menu=1, icon="describe"),
    Action("accept_image", "Accept all s&uggestions of the image", _accept_image, "", "image", "region",
           image_list_menu=1, icon="accept"),
    Action("delete_all", "Delete all regions &of the image", _delete_all, "", "image", "region",
           image_list_menu=4, icon="delete"),
    Action("ask_about", "As&k about the regions", _ask_about, "Ctrl+Shift+A", "image", "region"),
    Action("toggle_memory", "Learn fro&m what I accept", _toggle_setting("memory"), "M", "workspace", "region",
           setting="memory"),
    Action("learn_from", "Learn from another pro&ject…", lambda w: w.ask_for_teacher(), "", "project", "region"),
    Action("toggle_locked", "&Lock or unlock", _toggle_locked, "Ctrl+L", "region", "region", gap=True,
           region_menu=3.2, edits=("Lock", "Unlock")),

    Action("show_review", "&Review queue", _page("review"), "Q", "project", "project", icon="review"),
    Action("show_crops", "C&rops of a category", _page("crops"), "Shift+Q", "project", "project", icon="crops"),
    Action("show_batch", "Caption &all boxes…", _page("batch"), "Ctrl+B", "project", "project", icon="batch"),
    Action("show_overview", "&Overview", _page("overview"), "Ctrl+I", "project", "project", icon="overview"),
    Action("show_lint", "&Doubtful regions", _page("lint"), "Ctrl+D", "project", "project", icon="warning",
           edits=("Fix findings",)),
    Action("show_schema", "A&ttributes…", _page("schema"), "Ctrl+T", "project", "project", gap=True, icon="attributes"),
    Action("show_prompts", "&Prompts…", _page("prompts"), "", "project", "project"),

    Action("show_shortcuts", "&Keyboard shortcuts", _page("shortcuts"), "? F1", menu="help"),
    Action("open_log", "Open the &log folder", _open_log_folder, menu="help"),
    Action("show_about", "&About RoI Assistant", _page("about"), menu="help", gap=True, icon="info"),
)
# fmt: on

NUMBERED: dict[str, str] = {
    "Choose alternative {}": QT_TRANSLATE_NOOP("Actions", "Choose an alternative"),
    "Next boxes: category {}": QT_TRANSLATE_NOOP("Actions", "Category of the next boxes"),
}
"""Text of actions that differ in a number -> what all of them do."""

EDITS_WITHOUT_ACTION = (
    QT_TRANSLATE_NOOP("Edits", "Change attributes"),
    QT_TRANSLATE_NOOP("Edits", "Draw box"),
    QT_TRANSLATE_NOOP("Edits", "Merge"),
    QT_TRANSLATE_NOOP("Edits", "Move box"),
    QT_TRANSLATE_NOOP("Edits", "Remove alternative"),
    QT_TRANSLATE_NOOP("Edits", "Set attribute"),
)
"""Labels of edits that are made by the hand on the canvas or in a form."""

CANVAS_KEYS: tuple[tuple[str, str], ...] = (
    ("Click", QT_TRANSLATE_NOOP("Actions", "With the tool that draws: box the object at the pointer")),
    ("Space", QT_TRANSLATE_NOOP("Actions", "Hold and drag: move the image")),
    ("Wheel", QT_TRANSLATE_NOOP("Actions", "Zoom at the pointer")),
    ("Arrows", QT_TRANSLATE_NOOP("Actions", "Move the selected boxes by a pixel; with Shift by ten")),
    ("Ctrl+Arrows", QT_TRANSLATE_NOOP("Actions", "Make the selected boxes larger or smaller")),
)
"""What mouse and keys do on the canvas without being an action."""


def edit_labels() -> frozenset[str]:
    """English labels of all edits, each of which the undo menu can show in the language of the user."""
    return frozenset(EDITS_WITHOUT_ACTION).union(*(action.edits for action in ACTIONS))


def on_surface(surface: Surface) -> list[list[Action]]:
    """The groups of actions on ``surface``, each in its order."""
    placed = sorted((row for row in ACTIONS if getattr(row, surface)), key=lambda row: float(getattr(row, surface)))
    return [list(group) for _, group in groupby(placed, key=lambda row: int(getattr(row, surface)))]


def shortcut_groups() -> list[tuple[str, list[ShortcutRow]]]:
    """The shortcuts of each menu, and of the canvas: title and rows of (what it does, keys), in the order of menus."""
    groups: list[tuple[str, list[ShortcutRow]]] = []
    for menu, title in MENUS.items():
        rows: list[ShortcutRow] = [(row.plain_text, row.shortcuts) for row in ACTIONS if row.menu == menu and row.keys]
        if menu == "region":
            for text, of_all in NUMBERED.items():
                keys = [row.keys for row in ACTIONS if row.text == text]
                rows.append((QCoreApplication.translate("Actions", of_all), (f"{keys[0]} – {keys[-1]}",)))
        if rows:
            groups.append((QCoreApplication.translate("Actions", title).replace("&", ""), rows))
    canvas: list[ShortcutRow] = [(QCoreApplication.translate("Actions", text), (key,)) for key, text in CANVAS_KEYS]
    groups.append((QCoreApplication.translate("Actions", "On the image"), canvas))
    return groups
