"""Train the small model on packed pairs, on one CPU thread; a run that was stopped goes on where it was.

usage: python train.py --data DATA --out RUN --minutes M [--decay-minutes D] [--init OTHER/last.pt]

Matrices inside the layers are updated by Muon (https://kellerjordan.github.io/posts/muon/, with the step scaled as in
https://arxiv.org/abs/2502.16982, section 2.2), the embedding, biases and norms by AdamW. RUN/last.pt holds everything to go on from,
RUN/log.jsonl one line per hundred steps.
"""

import argparse
import ctypes
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch

from network import DECODER, ENCODER, INNER, WIDTH, Network

NONE = 255  # no source place, in align.npy
GUIDANCE = 0.5
SMOOTHING, CLIP, ADAM, MOMENTUM, WEIGHT_DECAY = 0.1, 1.0, (0.9, 0.98), 0.95, 0.01
MEMORY_LIMIT = 5 << 30


class Pairs:
    """Token ids of all pairs (prepare.py) and their alignment (align.py), in batches of similar length."""

    def __init__(self, path):
        packed = np.load(path)
        self.sides = [(packed[side], np.concatenate([[0], np.cumsum(packed[side + "_len"])])) for side in ("src", "tgt")]
        align = np.load(path.with_name("align.npy"))
        self.sides.append((align, self.sides[1][1]))
        self.source_lengths, self.target_lengths = packed["src_len"], packed["tgt_len"]

    def batches(self, budget, seed, pad):
        """Padded (source, target, alignment) of at most `budget` places a side, `</s>` (0) at the end of each row, shuffled."""
        random = np.random.default_rng(seed)
        longest = np.maximum(self.source_lengths, self.target_lengths).astype(np.int64) + 1
        order = np.argsort(longest * 1000 + self.target_lengths * 2 + random.random(len(longest)) * 3000, kind="stable")
        groups, group, width = [], [], 0
        for index in order:
            width = max(width, longest[index])
            if group and width * (len(group) + 1) > budget:
                groups.append(group)
                group, width = [], longest[index]
            group.append(index)
        groups.append(group)
        random.shuffle(groups)
        for group in groups:
            yield tuple(self._padded(side, group, *fill) for side, fill in zip(self.sides, ((pad, 0), (pad, 0), (NONE, NONE))))

    @staticmethod
    def _padded(side, group, fill, end):
        ids, starts = side
        rows = np.full((len(group), max(starts[i + 1] - starts[i] for i in group) + 1), fill, np.int64)
        for row, index in zip(rows, group):
            length = starts[index + 1] - starts[index]
            row[:length] = ids[starts[index]:starts[index + 1]]
            row[length] = end
        return torch.from_numpy(rows)


def orthogonal(stack):
    """The nearest orthogonal matrices of a stack (n, rows, columns), about: five Newton-Schulz steps in bfloat16."""
    x = stack.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    if turned := x.shape[1] > x.shape[2]:
        x = x.transpose(1, 2).contiguous()
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * (square @ square)) @ x
    return x.transpose(1, 2) if turned else x


class Optimizer:
    """Moments on the buffer of the network; `step` updates its masters and its bfloat16 copy."""

    def __init__(self, network):
        self.network = network
        layers = ENCODER + DECODER
        self.stacks, start = [], 0
        for shape in ((4 * (layers + DECODER), WIDTH, WIDTH), (layers, INNER, WIDTH), (layers, WIDTH, INNER)):
            self.stacks.append((slice(start, start + math.prod(shape)), shape))
            start += math.prod(shape)
        self.rest = slice(start, None)
        self.momentum = torch.zeros(start)
        self.first, self.second = (torch.zeros_like(network.master[self.rest]) for _ in range(2))
        self.count = torch.tensor(0.0)

    def step(self, gradient, rate):
        master = self.network.master
        gradient.mul_(min(1.0, CLIP / (gradient.norm().item() + 1e-6)))
        matrices = gradient[:len(self.momentum)]
        self.momentum.lerp_(matrices, 1 - MOMENTUM)
        matrices.lerp_(self.momentum, MOMENTUM)
        for part, shape in self.stacks:
            size = 0.2 * math.sqrt(max(shape[1:]))
            update = orthogonal(matrices[part].view(shape)).float()
            master[part].mul_(1 - rate * WEIGHT_DECAY).view(shape).sub_(update, alpha=rate * size)
        self.count += 1
        torch._fused_adamw_(
            [master[self.rest]], [gradient[self.rest]], [self.first], [self.second], [], [self.count], amsgrad=False,
            lr=rate, beta1=ADAM[0], beta2=ADAM[1], weight_decay=WEIGHT_DECAY, eps=1e-9, maximize=False)
        self.network.working.copy_(master)

    def state(self):
        return dict(momentum=self.momentum, first=self.first, second=self.second, count=self.count)

    def load(self, state):
        for name, tensor in self.state().items():
            tensor.copy_(state[name])


class Guide:
    """Cross-entropy of the attention of each decoder layer against the alignment, summed over aligned places."""

    def __init__(self, places):
        self.known = places != NONE
        self.places = torch.where(self.known, places, 0)[..., None]
        self.loss = 0.0

    def __call__(self, chances):
        chosen = chances.gather(2, self.places)[..., 0][self.known]
        self.loss = self.loss - chosen.float().clamp_min(1e-6).log().sum()


def give_memory_back():
    """Batches of many shapes make jemalloc keep far more than is in use; dropping it now and then costs nothing."""
    if int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") > MEMORY_LIMIT and "jemalloc" in os.environ.get("LD_PRELOAD", ""):
        every_arena = 4096
        ctypes.CDLL(None).mallctl(f"arena.{every_arena}.purge".encode(), None, None, None, ctypes.c_size_t(0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--decay-minutes", type=float, default=0, help="last minutes, in which the rate falls to zero")
    parser.add_argument("--init", type=Path, help="start from the weights and moments of this checkpoint")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--warmup", type=int, default=400)
    parser.add_argument("--budget", type=int, default=4096, help="places of a batch")
    parser.add_argument("--average", type=float, default=0.998, help="decay of the running average of the weights")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = json.loads((options.data / "stats.json").read_text())["vocabulary"]
    pad = vocabulary
    network = Network(vocabulary + 1)
    optimizer = Optimizer(network)
    place = dict(step=0, epoch=0, batch=0, tokens=0)
    last = options.out / "last.pt"
    if last.exists() or options.init:
        saved = torch.load(last if last.exists() else options.init)
        network.master.copy_(saved["master"])
        optimizer.load(saved["optimizer"])
        average = saved["average"]
        place = saved["place"] if last.exists() else place | dict(step=options.warmup, tokens=saved["place"]["tokens"])
    else:
        network.initialise()
        average = network.master.clone()
    network.working.copy_(network.master)

    def save():
        torch.save(dict(master=network.master, average=average, optimizer=optimizer.state(), place=place,
                        vocabulary=vocabulary), last.with_suffix(".new"))
        last.with_suffix(".new").replace(last)

    pairs = Pairs(options.data / "train.npz")
    print(f"{len(network.master):,} parameters, {len(pairs.source_lengths):,} pairs, {place}", flush=True)
    start = mark = saved_at = time.time()
    loss_sum = guide_sum = tokens = 0
    with open(options.out / "log.jsonl", "a") as log:
        while True:
            for number, (source, target, places) in enumerate(pairs.batches(options.budget, place["epoch"], pad)):
                if number < place["batch"]:
                    continue
                left = options.minutes - (time.time() - start) / 60
                if left <= 0:
                    return save()
                decay = min(1.0, left / options.decay_minutes) if options.decay_minutes else 1.0
                rate = options.rate * min(decay, (place["step"] + 1) / options.warmup)
                previous = torch.cat([torch.full_like(target[:, :1], pad), target[:, :-1]], 1)
                real = target != pad
                guide = Guide(places)
                loss = network.loss(network.states(source, previous, pad, guide)[real], target[real], SMOOTHING)
                (loss + GUIDANCE * guide.loss).backward()
                count = int(real.sum())
                optimizer.step(network.mean_gradient(count), rate)
                loss_sum, guide_sum, tokens = loss_sum + loss.item() * count, guide_sum + guide.loss.item(), tokens + count
                place = dict(step=place["step"] + 1, epoch=place["epoch"], batch=number + 1, tokens=place["tokens"] + count)
                if place["step"] % 4 == 0:
                    average.lerp_(network.master, 1 - min(options.average, place["step"] / (place["step"] + 10)) ** 4)
                if place["step"] % 20 == 0:
                    give_memory_back()
                if place["step"] % 100 == 0:
                    now = time.time()
                    row = place | dict(loss=round(loss_sum / tokens, 4), attention=round(guide_sum / tokens, 3), rate=round(rate, 6), tokens_a_second=round(tokens / (now - mark)),
                                       minutes=round((now - start) / 60, 1))
                    print(row, file=log, flush=True)
                    print(row, flush=True)
                    loss_sum = guide_sum = tokens = 0
                    mark = now
                if time.time() - saved_at > 300:
                    save()
                    saved_at = time.time()
            place |= dict(epoch=place["epoch"] + 1, batch=0)


main()
