"""Write a compact directory (quantise.py) as a float32 directory that transformers and CTranslate2 read.

usage: python expand.py COMPACT FULL
"""

import shutil
import sys
from pathlib import Path

from safetensors.torch import load_file, save_file


def expand(tensors):
    """Float32 tensors under the names transformers expects."""
    found = {}
    for name, tensor in tensors.items():
        if name.endswith(".scale"):
            continue
        if name + ".scale" in tensors:
            tensor = tensor.float() * tensors[name + ".scale"][:, None]
        found[name] = tensor
    return found


def main():
    compact, out = map(Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    save_file(expand(load_file(compact / "model.safetensors")), out / "model.safetensors", metadata={"format": "pt"})
    for file in compact.iterdir():
        if file.suffix in (".json", ".spm"):
            shutil.copyfile(file, out / file.name)


if __name__ == "__main__":
    main()
