"""Make the start of a teacher from the weights of the small network: twice as wide, and it computes the same.

usage: python widen.py FULL WIDE

FULL is a float32 directory (export.py or expand.py). Every place of a state comes twice, next to each other, and so do
heads and inner places; what reads them takes a random part of each of the two, or else both would stay the same for ever
(https://arxiv.org/abs/1511.05641, section 2.3). Only the position sines are others: half of them lie between the old ones.
"""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from network import EMBEDDING, SIZES, layout

PART = 0.25, 0.75  # of what is read twice, the first of the two gets a part between these


def twice(size):
    return torch.arange(2 * size) // 2


def heads_twice(sizes):
    head = sizes.width // sizes.heads
    return (torch.arange(2 * sizes.heads) // 2 * head)[:, None].add(torch.arange(head)).flatten()


def halves(matrix, columns):
    """`matrix` reading a doubled input: its columns in the given order, each shared out between its two places."""
    part = torch.empty(matrix.shape).uniform_(*PART)
    first = torch.zeros(len(columns), dtype=torch.bool)
    first[torch.stack([(columns == column).nonzero()[0, 0] for column in range(matrix.shape[1])])] = True
    return matrix[:, columns] * torch.where(first, part[:, columns], 1 - part[:, columns])


def widened(tensors, sizes):
    """The tensors of a network of twice the width by name."""
    width, heads, inner = twice(sizes.width), heads_twice(sizes), twice(sizes.inner)
    last = f"model.decoder.layers.{sizes.decoder - 1}.final_layer_norm."
    found = {}
    for name, _ in layout(len(tensors[EMBEDDING]), sizes):
        tensor = tensors[name].float()
        if name == EMBEDDING:  # is multiplied by the root of the width when read
            found[name] = tensor[:, width] / 2 ** 0.5
            continue
        rows = heads if ".q_proj" in name or ".k_proj" in name or ".v_proj" in name else inner if ".fc1" in name else width
        columns = heads if ".out_proj" in name else inner if ".fc2" in name else width
        tensor = tensor[rows]
        if tensor.dim() == 2:
            tensor = halves(tensor, columns)
        found[name] = tensor / 2 ** 0.5 if name.startswith(last) else tensor  # twice as many places, each with an embedding
    return found


def main():
    full, wide = map(Path, sys.argv[1:3])
    torch.manual_seed(1)
    wide.mkdir(parents=True, exist_ok=True)
    save_file(widened(load_file(full / "model.safetensors"), SIZES["small"]), wide / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
