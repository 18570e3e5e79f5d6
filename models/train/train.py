"""Train the small model on packed pairs, on one CPU thread; a run that was stopped goes on where it was.

usage: python train.py --data DATA --out RUN --minutes M [--decay-minutes D] [--init OTHER/last.pt|FULL]

Matrices inside the layers are updated by Muon (https://kellerjordan.github.io/posts/muon/, with the step scaled as in
https://arxiv.org/abs/2502.16982, section 2.2), the embedding, biases and norms by AdamW. RUN/last.pt holds everything
to go on from, RUN/log.jsonl one line per hundred steps.
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
from safetensors.torch import load_file

from network import COMPUTE, DECODER, ENCODER, INNER, WIDTH, Network

NONE = 255  # no source place, in align.npy
SMOOTHING, CLIP = 0.1, 1.0
ADAM, MOMENTUM, WEIGHT_DECAY = (0.9, 0.98), 0.95, 0.01
AVERAGE, AVERAGE_EVERY = 0.998, 4
MATRIX_STEP = 0.5  # root mean square of a matrix's step, as a part of the rate
MEMORY_LIMIT = 5 << 30


class Pairs:
    """Token ids of all pairs (prepare.py) and their alignment (align.py), in batches of similar length."""

    def __init__(self, path):
        packed = np.load(path)
        self.source_lengths, self.target_lengths = packed["src_len"], packed["tgt_len"]
        self.flat = packed["src"], packed["tgt"], np.load(path.with_name("align.npy"))
        lengths = self.source_lengths, self.target_lengths, self.target_lengths
        self.starts = [np.concatenate([[0], np.cumsum(length)]) for length in lengths]

    def batches(self, budget, seed, pad):
        """Shuffled (source, target, alignment) of at most `budget` places each; rows end in `</s>` (0) and padding."""
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
            yield tuple(self._padded(k, group, *ends) for k, ends in enumerate([(0, pad), (0, pad), (NONE, NONE)]))

    def _padded(self, kind, group, end, fill):
        ids, starts = self.flat[kind], self.starts[kind]
        rows = np.full((len(group), max(starts[i + 1] - starts[i] for i in group) + 1), fill, np.int64)
        for row, index in zip(rows, group):
            length = starts[index + 1] - starts[index]
            row[:length] = ids[starts[index]:starts[index + 1]]
            row[length] = end
        return torch.from_numpy(rows)


def orthogonal(stack):
    """The nearest orthogonal matrices of a stack (n, rows, columns), about: five Newton-Schulz steps."""
    x = stack.to(COMPUTE)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    if turned := x.shape[1] > x.shape[2]:
        x = x.transpose(1, 2).contiguous()
    for _ in range(5):
        square = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * (square @ square)) @ x
    return x.transpose(1, 2) if turned else x


class Optimizer:
    """Moments on the buffer of the network; `step` updates its masters and its computing copy."""

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
            size = MATRIX_STEP * math.sqrt(max(shape[1:]))
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
    """Drop what jemalloc keeps: batches of many shapes make it keep far more than is in use."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if resident > MEMORY_LIMIT and "jemalloc" in os.environ.get("LD_PRELOAD", ""):
        all_arenas = 4096
        ctypes.CDLL(None).mallctl(f"arena.{all_arenas}.purge".encode(), None, None, None, ctypes.c_size_t(0))


class Run:
    """A network in training: its optimizer, the running average of its weights, and the place in the data."""

    def __init__(self, out, vocabulary, init, guidance, words):
        self.checkpoint = out / "last.pt"
        self.guidance, self.words = guidance, words
        self.vocabulary = vocabulary
        self.network = Network(vocabulary + 1)
        self.optimizer = Optimizer(self.network)
        self.place = dict(step=0, epoch=0, batch=0, tokens=0)
        if self.checkpoint.exists():
            self.place = self._load(self.checkpoint)
        elif init and init.is_dir():
            views = self.network.views(self.network.master)
            weights = load_file(init / "model.safetensors")
            for name, view in views.items():
                view.copy_(weights[name])
            self.average = self.network.master.clone()
        elif init:
            self.place["tokens"] = self._load(init)["tokens"]
        else:
            self.network.initialise()
            self.average = self.network.master.clone()
        self.network.working.copy_(self.network.master)

    def _load(self, path):
        saved = torch.load(path)
        self.network.master.copy_(saved["master"])
        self.optimizer.load(saved["optimizer"])
        self.average = saved["average"]
        return saved["place"]

    def save(self):
        new = self.checkpoint.with_suffix(".new")
        torch.save(dict(master=self.network.master, average=self.average, optimizer=self.optimizer.state(),
                        place=self.place, vocabulary=self.vocabulary), new)
        new.replace(self.checkpoint)

    def update(self, source, target, places, rate):
        """One step on a batch; its tokens, and summed: cross-entropy, that of the attention, and of words alone."""
        pad = self.vocabulary
        previous = torch.cat([torch.full_like(target[:, :1], pad), target[:, :-1]], 1)
        real = target != pad
        tokens = int(real.sum())
        guide = Guide(places)
        encoded, states = self.network.states(source, previous, pad, guide)
        loss = self.network.loss(states[real], target[real], SMOOTHING)
        word_loss = torch.tensor(0.0)
        if self.words:
            aligned = encoded.gather(1, guide.places.expand(-1, -1, encoded.shape[2]))[guide.known]
            word_loss = self.network.loss(aligned, target[guide.known], SMOOTHING, self.words)
        (loss + word_loss + self.guidance * guide.loss).backward()
        self.optimizer.step(self.network.mean_gradient(tokens), rate)
        self.place["step"] += 1
        self.place["tokens"] += tokens
        if self.place["step"] % AVERAGE_EVERY == 0:
            self.average.lerp_(self.network.master, 1 - AVERAGE ** AVERAGE_EVERY)
        return tokens, *(tokens * np.array([loss.item(), guide.loss.item() / tokens, word_loss.item()]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--decay-minutes", type=float, default=0, help="last minutes, in which the rate falls to zero")
    parser.add_argument("--init", type=Path, help="start from the weights and moments of this checkpoint, or the weights of this directory")
    parser.add_argument("--rate", type=float, default=1.3e-3)
    parser.add_argument("--warmup", type=int, default=400, help="steps, of a start without moments")
    parser.add_argument("--guidance", type=float, default=0.5, help="strength of the attention's loss")
    parser.add_argument("--words", type=float, default=0.5,
                        help="strength of the encoder's own translation of aligned words; 0 saves a fifth of the time")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--budget", type=int, default=4096, help="places of a batch")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = json.loads((options.data / "stats.json").read_text())["vocabulary"]
    run = Run(options.out, vocabulary, options.init, options.guidance, options.words)
    pairs = Pairs(options.data / "train.npz")
    print(f"{len(run.network.master):,} parameters, {len(pairs.source_lengths):,} pairs, {run.place}", flush=True)
    start = mark = saved_at = time.time()
    warmup = 1 if options.init and options.init.is_file() else options.warmup
    sums = np.zeros(4)
    while True:
        for number, batch in enumerate(pairs.batches(options.budget, run.place["epoch"], vocabulary)):
            if number < run.place["batch"]:
                continue
            now = time.time()
            left = options.minutes - (now - start) / 60
            if left <= 0:
                return run.save()
            decay = min(1.0, left / options.decay_minutes) if options.decay_minutes else 1.0
            rate = options.rate * min(decay, (run.place["step"] + 1) / warmup)
            sums += run.update(*batch, rate)
            run.place["batch"] = number + 1
            if run.place["step"] % 20 == 0:
                give_memory_back()
            if run.place["step"] % 100 == 0:
                tokens, loss, attention, words = sums
                row = run.place | dict(
                    loss=round(loss / tokens, 4), attention=round(attention / tokens, 3),
                    words=round(words / tokens, 3), rate=round(rate, 6),
                    tokens_a_second=round(tokens / (now - mark)), minutes=round((now - start) / 60, 1))
                print(json.dumps(row), flush=True)
                with open(options.out / "log.jsonl", "a") as log:
                    print(json.dumps(row), file=log)
                sums, mark = np.zeros(4), now
            if now - saved_at > 300:
                run.save()
                saved_at = now
        run.place |= dict(epoch=run.place["epoch"] + 1, batch=0)


main()
