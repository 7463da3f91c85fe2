"""Runs a program with a window, ours or another, and says when the first image is on the screen. For desktop.py.

    python benchmarks/desktop_child.py ours|labelme|xanylabeling FOLDER SECONDS

It is run by the interpreter of that program, and imports nothing but the program itself, which it leaves SECONDS after
the first image. A line of JSON for each event goes to stdout: what, ``at`` by the monotonic clock of the machine, the
processor time ``cpu`` of the process in seconds, and its memory in MB.
"Painted" is the end of the first paint event of the canvas that had the image.
"""

import json
import os
import sys
import time


def memory():
    figures = {}
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(("VmRSS", "VmHWM")):
                figures[line[2:5].lower()] = int(line.split()[1]) // 1024
    return figures


def say(what, **more):
    print(
        json.dumps({"what": what, "at": time.monotonic(), "cpu": time.process_time(), **memory(), **more}), flush=True
    )


def ours(folder, seconds):
    from heartbeat import Heartbeat
    from PyQt6.QtCore import QEvent, QObject, QTimer

    from roi_assistant.cli import main
    from roi_assistant.ui.window.main_window import MainWindow

    class Watch(QObject):
        loaded = painted = False
        before = 0

        def eventFilter(self, watched, event):
            if self.loaded and not self.painted and event.type() == QEvent.Type.Paint:
                self.painted = True
                QTimer.singleShot(0, self.tell)
            return False

        def tell(self):
            say("painted", **self.deaf())
            self.before = len(self.heart.pauses)
            QTimer.singleShot(round(seconds * 1000), self.leave)

        def deaf(self, since=0):
            pauses = self.heart.pauses[since:]
            longest, own = max((p.ms for p in pauses), default=0), max((p.own for p in pauses), default=0)
            return {"freeze": round(longest), "own": round(own)}

        def leave(self):
            self.heart.stop()
            images = len(self.window.session.images.keys)
            say("end", **self.deaf(self.before), images=images, pauses=self.heart.report())
            self.window.close()

    watch = Watch()
    make = MainWindow.__init__

    def made(self, *given, **named):
        make(self, *given, **named)
        watch.window = self
        canvas = self.workspace.canvas
        canvas.viewport().installEventFilter(watch)
        canvas.picture.imageLoaded.connect(lambda *_: setattr(watch, "loaded", True))
        self.session.images.scanFinished.connect(lambda count: say("listed", images=count))
        watch.heart = Heartbeat()

    MainWindow.__init__ = made
    main(["open", folder])


def watch_canvas(canvas_class, single_shot, seconds):
    """Report the first paint event of a ``canvas_class`` that has a picture, and leave after ``seconds``."""
    paint = canvas_class.paintEvent
    told = []

    def leave():
        say("end")
        os._exit(0)

    def tell():
        say("painted")
        single_shot(round(seconds * 1000), leave)

    def painted(self, event):
        paint(self, event)
        if not told and self.pixmap is not None and not self.pixmap.isNull():
            told.append(True)
            single_shot(0, tell)

    canvas_class.paintEvent = painted


def labelme(folder, seconds):
    from labelme.__main__ import main
    from labelme.widgets.canvas import Canvas
    from PyQt5.QtCore import QTimer

    watch_canvas(Canvas, QTimer.singleShot, seconds)
    sys.argv = ["labelme", folder]
    main()


def xanylabeling(folder, seconds):
    from anylabeling.app import main
    from anylabeling.views.labeling.widgets.canvas import Canvas
    from PyQt6.QtCore import QTimer

    watch_canvas(Canvas, QTimer.singleShot, seconds)
    sys.argv = ["xanylabeling", "--filename", folder, "--no-auto-update-check"]
    main()


if __name__ == "__main__":
    programs = {"ours": ours, "labelme": labelme, "xanylabeling": xanylabeling}
    programs[sys.argv[1]](sys.argv[2], float(sys.argv[3]))
