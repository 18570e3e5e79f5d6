"""Write a Hugging Face Marian directory in the compact form that is built into the program.

usage: python quantise.py FULL COMPACT

Every matrix NAME becomes int8 NAME with one float32 scale per row in NAME.scale: weight = int8 * scale, scale =
largest magnitude of the row / 127, rounding half to even. Vectors and final_logits_bias (1, vocabulary) stay float32.
The embedding, which input, output and both sides share, is stored once as model.shared.weight; position tables are
computed, not stored.
"""

import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from pieces import without_paths

SHARED = "model.shared.weight"
TIED = {"lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}
COPIED = ["config.json", "generation_config.json", "tokenizer_config.json", "vocab.json"]


def rows_as_int8(matrix):
    """int8 (rows, columns) and the scale of each row (rows)."""
    scale = matrix.abs().amax(1) / 127
    divisor = torch.where(scale > 0, scale, torch.ones_like(scale))
    return torch.round(matrix / divisor[:, None]).to(torch.int8), scale


def compact(tensors):
    """The tensors of the compact form."""
    found = {}
    for name, tensor in tensors.items():
        if name.endswith("embed_positions.weight"):
            continue
        if name in TIED:
            if SHARED in tensors and not torch.equal(tensor, tensors[SHARED]):
                raise SystemExit(f"{name} differs from {SHARED}: the compact form needs one shared embedding")
            name = SHARED
        tensor = tensor.float()
        if tensor.dim() == 2 and name != "final_logits_bias":
            found[name], found[name + ".scale"] = rows_as_int8(tensor)
        else:
            found[name] = tensor.contiguous()
    return found


def main():
    full, out = map(Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    save_file(compact(load_file(full / "model.safetensors")), out / "model.safetensors",
              metadata={"format": "pt", "quantisation": "int8 per row"})
    (out / "model.safetensors").chmod(0o644)
    for name in COPIED:
        shutil.copyfile(full / name, out / name)
    for name in ("source.spm", "target.spm"):
        (out / name).write_bytes(without_paths((full / name).read_bytes()))
    print(f"{sum(file.stat().st_size for file in out.iterdir()):,} bytes in {out}")


if __name__ == "__main__":
    main()
