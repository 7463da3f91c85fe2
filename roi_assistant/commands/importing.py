"""The work of ``models import-gpt4roi``."""

from __future__ import annotations

from pathlib import Path

from roi_assistant.commands import console
from roi_assistant.commands.progress import Progress
from roi_assistant.errors import BadInputError, MissingDependencyError

_MEGABYTE = 1 << 20


def run_import_command(*, llama: Path, delta: Path, clip: Path | None, out: Path | None) -> None:
    """Check, import, and say how the model is used.

    Raises:
        RoiAssistantError: a file is missing or wrong, or the folder cannot be written.
    """
    from roi_assistant.captioners.gpt4roi.captioner import DEFAULT_ID, models_folder

    try:
        from roi_assistant.models.gpt4roi import checkpoint_import
    except ImportError as error:
        raise MissingDependencyError(
            f"The import needs torch, transformers and safetensors ({error}): pip install 'roi-assistant[torch]'."
        ) from error
    out = (out or models_folder() / DEFAULT_ID).absolute()
    if checkpoint_import.is_imported(out):
        console.say(f"{out} is imported already: remove the folder to do it again.")
        _say_how_to_use(out, models_folder())
        return
    clip = clip or checkpoint_import.find_clip(llama, delta)
    if clip is None:
        raise BadInputError(
            f"GPT4RoI sees through {checkpoint_import.CLIP_NAME} of openai, which the delta does not contain: give its "
            f"folder with --clip, or put it beside {delta}."
        )
    plan = checkpoint_import.plan_import(llama=llama, delta=delta, clip=clip)
    for option, files, tensors in checkpoint_import.sources_of(plan):
        console.say(f"{option}: {tensors} tensors in {files} {'file' if files == 1 else 'files'}")
    left = checkpoint_import.bytes_left(plan, out)
    if left < plan.nbytes // 2:
        console.say(f"Going on with the import in {out}.")
    with Progress(left // _MEGABYTE, what="MB") as bar:
        manifest = checkpoint_import.run_import(plan, out, written=lambda count: bar.step(count / _MEGABYTE))
    console.say(f"{plan.parameters / 1e9:.2f} billion parameters; the sha256 of every file is in {manifest}.")
    _say_how_to_use(out, models_folder())


def _say_how_to_use(out: Path, models: Path) -> None:
    if out.parent.resolve() == models.resolve():
        console.say(f"Use it with --model {out.name}, or {out.name}-int8 and {out.name}-int4 where memory is short.")
    else:
        console.say(f"The program looks for models in {models}: move the folder there, or make a link to it.")
