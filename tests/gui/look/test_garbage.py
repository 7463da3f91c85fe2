"""Garbage is collected in the thread of the window and in no other."""

from __future__ import annotations

import gc
import threading
import weakref

from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from roi_assistant.ui.look.garbage import collect_when_due, collected_here


class Cycle(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.me = self


def allocate() -> None:
    for _ in range(50):
        [[] for _ in range(5000)]


def test_another_thread_destroys_no_widget(qapp: QApplication) -> None:
    gc.enable()
    destroyed_in: list[str] = []
    with collected_here():
        weakref.finalize(Cycle(), lambda: destroyed_in.append(threading.current_thread().name))
        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
        assert destroyed_in == []
        QTest.qWait(1200)
        gc.collect()
    assert destroyed_in == [threading.current_thread().name] and gc.isenabled()


def test_a_collection_comes_when_it_is_due(qapp: QApplication) -> None:
    gc.disable()
    gc.collect()
    destroyed: list[bool] = []
    weakref.finalize(Cycle(), lambda: destroyed.append(True))
    kept = [[] for _ in range(gc.get_threshold()[0] + 100)]
    collect_when_due()
    assert destroyed == [True] and kept
    assert gc.get_count()[0] < gc.get_threshold()[0]
