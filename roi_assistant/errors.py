"""Errors that a user can meet.

Every error says what happened, to which file or box, and what to do about it, in one sentence that can be shown as it
is.
The command line prints ``str(error)`` and exits with ``exit_code``; the trace goes to the log. The window tells
``error.sentence`` in its own language.
"""

from __future__ import annotations

from roi_assistant.sentences import Sentence


class RoiAssistantError(Exception):
    """Base of every error that is shown to the user as one sentence.

    ``RoiAssistantError("{path} is empty: copy it again.", path=path)``: the template stands there as it is, so that it
    is found and translated; what differs from case to case is a value, see `Sentence.of`.
    """

    exit_code = 1

    def __init__(self, template: str, /, **values: object) -> None:
        self.sentence = Sentence.of(template, **values)
        super().__init__(str(self.sentence))


class BadInputError(RoiAssistantError):
    """What the user gave cannot be used; nothing was written."""

    exit_code = 2


class BoxError(BadInputError):
    """A box is not a number, is negative, or is empty after clipping."""


class ImageError(BadInputError):
    """A picture is missing, damaged, too large, or not a picture."""


class FormatError(BadInputError):
    """An annotation file or data set does not have the layout that its format prescribes."""


class RegionReferenceError(BadInputError):
    """A text refers to a region such as ``<region3>`` that does not exist."""


class AttributeValueError(BadInputError):
    """An attribute is not in the schema, or its value is not one that the schema allows."""


class FileWriteError(RoiAssistantError):
    """A file cannot be written; what was there before is unchanged."""


class ProjectError(RoiAssistantError):
    """A project file cannot be opened or used; what it holds is unchanged."""

    exit_code = 6


class ProjectLockedError(ProjectError):
    """Another window or command writes to the project; it can be opened to read."""


class ProjectDamagedError(ProjectError):
    """The project file is damaged; the message names the newest backup."""


class ProjectVersionError(ProjectError):
    """The project file was written by a newer version of the program."""


class ProjectWriteError(ProjectError):
    """A change could not be written (disk full, folder gone or read-only); nothing of it was."""


class EditConflictError(ProjectError):
    """An edit does not fit what is there: the region was changed or removed in the meantime."""


class ModelFileError(RoiAssistantError):
    """A model file is missing, unreadable, or its sha256 differs from the manifest."""

    exit_code = 3


class HubError(RoiAssistantError):
    """A model hub refuses, cannot be reached, or is not to be asked; what came already is kept."""

    exit_code = 3


class CaptionerError(RoiAssistantError):
    """A captioner cannot do what was asked of it."""

    exit_code = 3


class EngineError(RoiAssistantError):
    """The process that runs the model ended, or said something that is no message."""

    exit_code = 3


class PluginError(RoiAssistantError):
    """A plugin or its manifest is unusable."""

    exit_code = 4


class MissingDependencyError(RoiAssistantError):
    """A part of the program needs an extra that is not installed."""

    exit_code = 5


class TrainingError(RoiAssistantError):
    """A training cannot go on; what it has learned so far is saved."""

    exit_code = 7
