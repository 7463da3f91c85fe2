"""Where the program keeps its own files: configuration, plugins of the user, logs.

The folders are the usual ones of the platform. ``ROI_ASSISTANT_HOME`` moves all of them below one folder (a portable
installation, a shared machine, a test). Nothing here creates a folder; who writes does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

APP_NAME = "roi-assistant"
HOME_VARIABLE = "ROI_ASSISTANT_HOME"
LOG_NAME = "roi-assistant.log"


def config_folder() -> Path:
    """Settings of the user."""
    return _folder("config")


def data_folder() -> Path:
    """What the user added to the program: plugins, models."""
    return _folder("data")


def log_folder() -> Path:
    """Log files."""
    return _folder("log")


def log_file() -> Path:
    """The log that traces of errors go to."""
    return log_folder() / LOG_NAME


def user_plugins_folder() -> Path:
    """Plugins of the user, one folder (or one ``.py`` with its ``.plugin.json``) each."""
    return data_folder() / "plugins"


def _folder(kind: Literal["config", "data", "log"]) -> Path:
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home) / kind
    import platformdirs  # late: not needed where the variable is set, nor for --help

    folders = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    return {"config": folders.user_config_path, "data": folders.user_data_path, "log": folders.user_log_path}[kind]
