"""Train a network on packed pairs, on one CPU thread or a GPU; a run that was stopped goes on where it was.

usage: python train.py --data DATA --out RUN --minutes M [--finish-minutes F] [--init OTHER/last.pt] [--device cuda]

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

import torch
from safetensors.torch import load_file

from network import EMBEDDING, SIZES, Lesson, Network, Sizes
from pairs import MIXES, NONE, Pairs

SMOOTHING, CLIP = 0.1, 1.0
ADAM, MOMENTUM, WEIGHT_DECAY = (0.9, 0.98), 0.95, 0.01
MATRIX_DECAY = 0.1  # less, and orthogonal steps let the matrices grow without end (section 2.2 of the same)
AVERAGE, AVERAGE_EVERY = 0.996, 4
MATRIX_STEP = 0.5  # root mean square of a matrix's step, as a part of the rate
MEMORY_LIMIT = 5 << 30
SAVE_SECONDS = 60


def orthogonal(stack, compute):
    """The nearest orthogonal matrices of a stack (n, rows, columns), about: five Newton-Schulz steps."""
    x = stack.to(compute)
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
        width, inner, _, encoder, decoder = network.sizes
        layers = encoder + decoder
        self.stacks, start = [], 0
        for shape in ((4 * (layers + decoder), width, width), (layers, inner, width), (layers, width, inner)):
            self.stacks.append((slice(start, start + math.prod(shape)), shape))
            start += math.prod(shape)
        self.rest = slice(start, None)
        self.momentum = torch.zeros(start, device=network.device)
        self.first, self.second = (torch.zeros_like(network.master[self.rest]) for _ in range(2))
        self.count = torch.tensor(0.0, device=network.device)

    def step(self, gradient, rate):
        """One step; the norm of the gradient."""
        master = self.network.master
        norm = gradient.norm()
        gradient.mul_((CLIP / (norm + 1e-6)).clamp_max_(1.0)).masked_fill_(~norm.isfinite(), 0)
        matrices = gradient[:len(self.momentum)]
        self.momentum.lerp_(matrices, 1 - MOMENTUM)
        matrices.lerp_(self.momentum, MOMENTUM)
        for part, shape in self.stacks:
            size = MATRIX_STEP * math.sqrt(max(shape[1:]))
            update = orthogonal(matrices[part].view(shape), self.network.compute).float()
            master[part].mul_(1 - rate * MATRIX_DECAY).view(shape).sub_(update, alpha=rate * size)
        self.count += 1
        torch._fused_adamw_(
            [master[self.rest]], [gradient[self.rest]], [self.first], [self.second], [], [self.count], amsgrad=False,
            lr=rate, beta1=ADAM[0], beta2=ADAM[1], weight_decay=WEIGHT_DECAY, eps=1e-9, maximize=False)
        self.network.working.copy_(master)
        return norm

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
        self.loss = torch.zeros((), device=places.device)

    def __call__(self, chances):
        chosen = chances.gather(2, self.places)[..., 0].float().clamp_min(1e-6)
        self.loss = self.loss - (chosen.log() * self.known).sum()


def give_memory_back():
    """Drop what jemalloc keeps: batches of many shapes make it keep far more than is in use."""
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    if resident > MEMORY_LIMIT and "jemalloc" in os.environ.get("LD_PRELOAD", ""):
        all_arenas = 4096
        ctypes.CDLL(None).mallctl(f"arena.{all_arenas}.purge".encode(), None, None, None, ctypes.c_size_t(0))


class Run:
    """A network in training: its optimizer, the running average of its weights, and the place in the data."""

    def __init__(self, out, vocabulary, options):
        self.checkpoint = out / "last.pt"
        self.guidance, self.words, self.share = options.guidance, options.words, options.share
        self.teacher = load_network(options.teacher, options.device) if options.teacher else None
        self.network = Network(vocabulary + 1, SIZES[options.size], options.device)
        self.network.dropout = options.dropout
        self.network.rounded = options.rounded
        self.hidden = options.hidden
        self.optimizer = Optimizer(self.network)
        self.place = dict(step=0, epoch=0, batch=0, tokens=0)
        if self.checkpoint.exists():
            self.place = self._load(self.checkpoint)
        elif options.init:
            self.place["tokens"] = self._start_from(options.init)
        else:
            self.network.initialise()
            self.average = self.network.master.clone()
        self.network.working.copy_(self.network.master)

    def _load(self, path):
        saved = torch.load(path, map_location=self.network.device)
        self.network.master.copy_(saved["master"])
        self.optimizer.load(saved["optimizer"])
        self.average = saved["average"]
        return saved["place"]

    def _start_from(self, path):
        """Takes over a checkpoint, or the weights of a float32 directory; how many tokens they have seen, where known."""
        if path.is_file():
            return self._load(path)["tokens"]
        tensors = load_file(path / "model.safetensors")
        for name, view in self.network.views(self.network.master).items():
            view.copy_(tensors[name])
        self.average = self.network.master.clone()
        return 0

    def save(self):
        if not self.network.master.isfinite().all():
            raise SystemExit(f"the weights are no numbers any more; {self.checkpoint} is from before: go on at a lower --rate")
        new = self.checkpoint.with_suffix(".new")
        torch.save(dict(master=self.network.master, average=self.average, optimizer=self.optimizer.state(),
                        place=self.place, vocabulary=self.network.pad, sizes=tuple(self.network.sizes)), new)
        new.replace(self.checkpoint)

    @torch.no_grad()
    def _lesson(self, source, previous, real):
        _, states = self.teacher.states(source, previous)
        return Lesson(states.flatten(0, 1).index_select(0, real), self.teacher.leaves[EMBEDDING], self.share)

    def update(self, source, target, places, real, rate):
        """One step on a batch; summed: cross-entropy, that of the attention, that of words alone, and the gradient's norm
        as often as there are tokens."""
        network, tokens = self.network, len(real)
        previous = torch.cat([torch.full_like(target[:, :1], network.pad), target[:, :-1]], 1)
        if self.hidden:
            previous.masked_fill_(torch.rand(previous.shape, device=previous.device) < self.hidden, network.pad)
        guide = Guide(places) if self.guidance or self.words else None
        encoded, states = network.states(source, previous, guide)
        lesson = self._lesson(source, previous, real) if self.teacher else None
        loss = network.loss(states.flatten(0, 1).index_select(0, real), target.flatten()[real], SMOOTHING, lesson=lesson)
        objective, attention, words = loss, torch.zeros_like(loss), torch.zeros_like(loss)
        if self.guidance:
            attention = guide.loss
            objective = objective + self.guidance * attention
        if self.words:
            aligned = encoded.gather(1, guide.places.expand(-1, -1, encoded.shape[2]))[guide.known]
            words = network.loss(aligned, target[guide.known], SMOOTHING, self.words)
            objective = objective + words
        objective.backward()
        norm = self.optimizer.step(network.mean_gradient(tokens), rate)
        self.place["step"] += 1
        self.place["tokens"] += tokens
        if self.place["step"] % AVERAGE_EVERY == 0:
            self.average.lerp_(network.master, 1 - AVERAGE ** AVERAGE_EVERY)
        return torch.stack([loss, attention, words, norm * tokens]).detach()


def load_network(checkpoint, device):
    """The averaged weights of a checkpoint, ready to compute."""
    saved = torch.load(checkpoint, map_location=device)
    network = Network(saved["vocabulary"] + 1, Sizes(*saved["sizes"]), device)
    network.master.copy_(saved["average"])
    network.working.copy_(network.master)
    return network


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--finish-minutes", type=float, default=0,
                        help="last minutes, with the finishing weights, in which the rate falls to zero")
    parser.add_argument("--both", action="store_true", help="English to German as well")
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--init", type=Path, help="start from this checkpoint, or from the weights of this float32 directory (expand.py)")
    parser.add_argument("--rate", type=float, default=1.3e-3)
    parser.add_argument("--warmup", type=int, default=400, help="steps in which the rate rises")
    parser.add_argument("--dropout", type=float, default=0)
    parser.add_argument("--hidden", type=float, default=0,
                        help="part of the target so far that is hidden, so that the source counts for more")
    parser.add_argument("--rounded", action="store_true", help="round what the matrices multiply, as the int8 engine does")
    parser.add_argument("--guidance", type=float, default=0.5, help="strength of the attention's loss")
    parser.add_argument("--words", type=float, default=0.5,
                        help="strength of the encoder's own translation of aligned words; 0 saves a fifth of the time")
    parser.add_argument("--teacher", type=Path, help="learn from what this checkpoint says of each place, too")
    parser.add_argument("--share", type=float, default=0.6, help="of the target, what the teacher says")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--budget", type=int, default=4096, help="places of a batch")
    parser.add_argument("--device", type=torch.device, default="cpu")
    options = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    vocabulary = json.loads((options.data / "stats.json").read_text())["vocabulary"]
    run = Run(options.out, vocabulary, options)
    pairs = Pairs(options.data, options.both, vocabulary, options.device)
    print(f"{len(run.network.master):,} parameters, {len(pairs):,} pairs, {run.place}", flush=True)
    start = mark = saved_at = time.time()
    sums, tokens_before = torch.zeros(4, device=options.device), run.place["tokens"]
    finishing = False
    while True:
        for number, rows in enumerate(pairs.batches(MIXES[finishing], options.budget, run.place["epoch"])):
            if number < run.place["batch"]:
                continue
            now = time.time()
            left = options.minutes - (now - start) / 60
            if left <= 0:
                return run.save()
            if left < options.finish_minutes and not finishing:
                finishing = True
                break
            decay = left / options.finish_minutes if finishing else 1
            rate = options.rate * min(decay, (run.place["step"] + 1) / options.warmup)
            sums += run.update(*pairs.batch(rows), rate)
            run.place["batch"] = number + 1
            if run.place["step"] % 20 == 0:
                give_memory_back()
            if run.place["step"] % 100 == 0:
                tokens = run.place["tokens"] - tokens_before
                loss, attention, words, gradient = (sums / tokens).tolist()
                if gradient == 0:
                    raise SystemExit("no gradient reaches the weights: nothing is learnt")
                now = time.time()
                row = run.place | dict(
                    loss=round(loss, 4), attention=round(attention, 3), words=round(words, 3), gradient=round(gradient, 3),
                    rate=round(rate, 6), tokens_a_second=round(tokens / (now - mark)), minutes=round((now - start) / 60, 1))
                print(json.dumps(row), flush=True)
                with open(options.out / "log.jsonl", "a") as log:
                    print(json.dumps(row), file=log)
                sums.zero_()
                mark, tokens_before = now, run.place["tokens"]
            if now - saved_at > SAVE_SECONDS:
                run.save()
                saved_at = now
        run.place |= dict(epoch=run.place["epoch"] + 1, batch=0)


if __name__ == "__main__":
    main()
