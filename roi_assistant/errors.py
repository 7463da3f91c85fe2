"""Errors that a user can meet.

Every error says what happened, to which file or box, and what to do about it, in one sentence that can be shown as it
is.
The command line prints ``str(error)`` and exits with ``exit_code``; the trace goes to the log.
"""


class RoiAssistantError(Exception):
    """Base of every error that is shown to the user as one sentence."""

    exit_code = 1


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


class ModelFileError(RoiAssistantError):
    """A model file is missing, unreadable, or its sha256 differs from the manifest."""

    exit_code = 3


class CaptionerError(RoiAssistantError):
    """A captioner cannot do what was asked of it."""

    exit_code = 3


class PluginError(RoiAssistantError):
    """A plugin or its manifest is unusable."""

    exit_code = 4


class MissingDependencyError(RoiAssistantError):
    """A part of the program needs an extra that is not installed."""

    exit_code = 5
