"""The sentences around boxes and answers.

Numbers of wordings and the fixed sentences are those of GPT4RoI (arXiv 2307.03601) as described by its users; wordings
that are not published there are our own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from roi_assistant.core.references import BOX_TOKEN

BEGIN = "The <image> provides an overview of the picture.\n"

COCO_BEGIN = (
    "<image>\nIn the conversation below, you simply answer the category name based on what you see in the imagery "
    "inside a particular region.I will give you only one region each time. Categories Containing {categories}.\n"
)
_ONE_REGION = (
    "<image>\n I will provide you with only one region containing only one object, although there may be other objects "
    "present in the image. It is recommended that you describe the object's relative position with respect to other "
    "objects in the image"
)
REFCOCO_BEGIN = f"{_ONE_REGION}, as well as its position within the image and its basic attributes.\n"
# "attibuts" is how the published model was asked; with another spelling it would meet a question it never saw.
REFCOCO_PLUS_BEGIN = f"{_ONE_REGION} and its basic attibuts, you should not give its position within the image.\n"

DESCRIBE = (
    "Can you provide me with a detailed description of the region in the picture marked by {region}?",
    "I'm curious about the region represented by {region} in the picture. Could you describe it in detail?",
    "What can you tell me about the region indicated by {region} in the image?",
    "I'd like to know more about the area in the photo labeled {region}. Can you give me a detailed description?",
    "Could you describe the region shown as {region} in the picture in great detail?",
    "What details can you give me about the region outlined by {region} in the photo?",
    "Please provide me with a comprehensive description of the region marked with {region} in the image.",
    "Can you give me a detailed account of the region labeled as {region} in the picture?",
    "I'm interested in learning more about the region represented by {region} in the photo. Can you describe it in "
    "detail?",
    "What is the region outlined by {region} in the picture like? Could you give me a detailed description?",
    "Can you please provide me with a detailed description of the region in the picture marked by {region}?",
    "I'm curious about the region represented by {region} in the picture. Could you please describe it in detail?",
    "What exactly can you tell me about the region indicated by {region} in the image?",
    "I'd like to know more about the area in the photo labeled {region}. Can you please give me a detailed "
    "description?",
    "Could you please describe the region shown as {region} in the picture in great detail?",
    "What exactly can you tell me in detail about the region outlined by {region} in the photo?",
    "Please tell me exactly what the region marked with {region} in the image shows, in a comprehensive description.",
    "Can you please give me a detailed account of the region labeled as {region} in the picture?",
    "I'm interested in learning more about the region represented by {region} in the photo. Can you please describe it "
    "in detail?",
    "What exactly is the region outlined by {region} in the picture like? Could you please give me a detailed "
    "description?",
)
"""20 questions about one region."""

_POINTED = (
    "Here are some regions of the picture: {regions}.",
    "I have marked {regions} in the picture.",
    "The picture has these regions: {regions}.",
    "Look at {regions} in the picture.",
    "There are {regions} in this photo.",
)
_WHOLE = (
    "Describe the whole picture and mention what they show.",
    "Could you write one sentence about the photo that covers them?",
    "What is going on in the image? Please speak of all of them.",
    "Please give a description of the image with these regions in mind.",
    "Can you sum up the scene, with what they contain?",
    "How would you caption this image so that each of them is named?",
)
CAPTION = tuple(f"{pointed} {whole}" for pointed in _POINTED for whole in _WHOLE)
"""30 questions about the whole photo, which list its regions."""

PHRASE = (
    "Which part of your overall description corresponds to region{k}?",
    "Which part of your overall description corresponds to region{k} in the picture?",
    "In your overall description, which words are about region{k}?",
    "What did you call region{k} in your overall description?",
    "Which words of your description belong to region{k}?",
    "Point out the part of your overall description that region{k} shows.",
    "Can you repeat the part of your description that is about region{k}?",
    "Where do you speak of region{k} in your overall description? Give me the words.",
    "Which phrase of your description stands for region{k}?",
    "Please pick the part of your overall description that matches region{k}.",
)
"""10 questions for the words about one region of a caption that was just given."""

VCR_GIVEN = (
    "Given {regions}, {question}",
    "Given the regions {regions} of the picture, {question}",
    "Given {regions} in the image, please answer: {question}",
    "Given the areas {regions}, I would like to know: {question}",
    "Given what {regions} show, {question}",
    "Given the objects in {regions}, tell me: {question}",
)
"""6 ways to list the regions before a question."""

_WHY = (
    "Why do you think so",
    "What makes you say that",
    "What is the reason for your answer",
    "How do you know",
    "What tells you that",
    "Can you explain your answer",
    "What is your answer based on",
    "Which details support your answer",
    "Why is this the right answer",
    "What leads you to this answer",
    "How did you come to this answer",
    "What in the picture shows it",
    "What speaks for your answer",
)
WHY = tuple(form.format(why) for why in _WHY for form in ("{}?", "{}? Please explain.", "{}? Give me your reasons."))
"""39 questions for the reason of an answer."""

LLAVA_REGIONS = "Here is also some regional information about the image, such as {regions}.\n"
LLAVA_REGION = f"{BOX_TOKEN} may feature a {{name}}"

ATTRIBUTES = (
    "What are the attributes of the {name} in {region}?",
    "Which attributes does the {name} in {region} have?",
    "Tell me what the {name} in {region} is like, in single words.",
    "How does the {name} in {region} look? List its attributes.",
)


def introduced(number: int) -> str:
    """``region3 <bbox>``: how the region ``number`` (from 1) is written where it is first mentioned."""
    return f"region{number} {BOX_TOKEN}"


def listed(count: int) -> str:
    """``region1 <bbox>,region2 <bbox>``"""
    return ",".join(introduced(number) for number in range(1, count + 1))


def pick(wordings: Sequence[str], rng: random.Random) -> str:
    """One of ``wordings``, drawn with ``rng``."""
    return wordings[rng.randrange(len(wordings))]
