"""A captioner that proposes boxes, where a detector is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roi_assistant.core.box import Box
from roi_assistant.core.proposals import LEAST_SCORE
from roi_assistant.core.records import BoxSearch, ScoredBox
from roi_assistant.errors import BadInputError, CaptionerError
from roi_assistant.interfaces import Captioner, can_propose

if TYPE_CHECKING:
    from PIL.Image import Image


class ProposingCaptioner:
    """See `roi_assistant.interfaces.Detector`. Its boxes say nothing about what is in them.

    Raises:
        BadInputError: the captioner lacks the capability ``proposes``; it was closed.
    """

    def __init__(self, captioner: Captioner) -> None:
        if not can_propose(captioner):
            captioner.close()
            raise BadInputError("{id} writes captions and finds no boxes: give it to --model.", id=captioner.info.id)
        self._captioner = captioner
        self.info = captioner.info

    def propose(self, image: Image) -> Sequence[Box]:
        """See `roi_assistant.interfaces.Proposer`."""
        return [found.box for found in self.detect(image, BoxSearch())]

    def detect(self, image: Image, search: BoxSearch) -> Sequence[ScoredBox]:
        """Its boxes of at least the score from which they are suggested in the window. Categories mean nothing to it.

        Raises:
            CaptionerError: it is to look for words.
        """
        if search.words:
            raise CaptionerError(
                "{id} cannot look for {words}: it suggests boxes of whatever is there. A detector by words, such as "
                "Grounding DINO or OWLv2, looks for anything.",
                id=self.info.id,
                words=", ".join(search.words),
            )
        least = LEAST_SCORE if search.least is None else search.least
        found = self._captioner.propose(self._captioner.set_image(image), most=search.most)
        return [one for one in found if one.score >= least]

    def close(self) -> None:
        """Give memory back."""
        self._captioner.close()
