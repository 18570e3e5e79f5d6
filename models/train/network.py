"""The Marian network on one flat buffer of parameters, written for training on a CPU core or a GPU.

Float32 masters are updated; a copy of the same layout computes, in bfloat16 where the processor multiplies it and
else in float32. Matrices that are used together lie together, so that query, key and value are one product and the
optimizer sees three stacks of equal matrices. Names and results are those of transformers' MarianMTModel (layer norm
after each block, swish, tied embedding scaled by sqrt(width)).
"""

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

POSITIONS = 256
MASKED = -1e4
EMBEDDING = "model.shared.weight"
SHIFT = 48  # of the integers of the feed-forward's inner values, as in src/engine/kernel/mod.rs


class Sizes(NamedTuple):
    """Width, feed-forward width, heads, and layers of the encoder and the decoder."""

    width: int
    inner: int
    heads: int
    encoder: int
    decoder: int


SIZES = dict(small=Sizes(256, 1024, 4, 6, 2), large=Sizes(512, 2048, 8, 6, 2))  # what is shipped, and its teacher


def computing_type(device):
    """Bfloat16 where the processor multiplies it; elsewhere it is emulated, slowly."""
    native = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def blocks(sizes):
    """Attention blocks, in order: name of the block and whether its queries come from elsewhere than its keys."""
    for layer in range(sizes.encoder):
        yield f"model.encoder.layers.{layer}.self_attn", False
    for layer in range(sizes.decoder):
        yield f"model.decoder.layers.{layer}.self_attn", False
        yield f"model.decoder.layers.{layer}.encoder_attn", True


def layout(vocabulary, sizes):
    """(name, shape) of every parameter in the order of the buffer: squares, first and second feed-forward, the rest."""
    width, inner = sizes.width, sizes.inner
    layers = [f"model.encoder.layers.{number}" for number in range(sizes.encoder)]
    layers += [f"model.decoder.layers.{number}" for number in range(sizes.decoder)]
    projections = [f"{block}.{part}_proj" for block, _ in blocks(sizes) for part in ("q", "k", "v", "out")]
    yield from ((f"{name}.weight", (width, width)) for name in projections)
    yield from ((f"{name}.fc1.weight", (inner, width)) for name in layers)
    yield from ((f"{name}.fc2.weight", (width, inner)) for name in layers)
    yield EMBEDDING, (vocabulary, width)
    yield from ((f"{name}.bias", (width,)) for name in projections)
    for name in layers:
        yield f"{name}.fc1.bias", (inner,)
        yield f"{name}.fc2.bias", (width,)
        norms = ["self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm"]
        for norm in norms if "decoder" in name else norms[::2]:
            yield f"{name}.{norm}.weight", (width,)
            yield f"{name}.{norm}.bias", (width,)


def positions(width):
    """Sines in the first half and cosines in the second half of each row (POSITIONS, width), as Marian has them."""
    angle = np.arange(POSITIONS)[:, None] / np.power(10000, 2 * np.arange(width // 2) / width)
    return torch.tensor(np.concatenate([np.sin(angle), np.cos(angle)], 1), dtype=torch.float32)


class Network:
    """Buffers `master` (float32), `working` and `gradient`, and what is computed with them."""

    def __init__(self, vocabulary, sizes, device):
        self.vocabulary, self.sizes, self.device = vocabulary, sizes, device
        self.pad = vocabulary - 1  # embedded as zeros, as in Marian, where the decoder starts from nothing
        self.dropout = 0.0
        self.rounded = False  # what the matrices multiply, as the int8 engine has it
        self.compute = computing_type(device)
        self.places, size = {}, 0
        for name, shape in layout(vocabulary, sizes):
            self.places[name] = (size, shape)
            size += math.prod(shape)
        self.master = torch.zeros(size, device=device)
        self.working = torch.zeros(size, dtype=self.compute, device=device)
        self.gradient = torch.zeros_like(self.working)
        self.embedding_gradient = torch.zeros(vocabulary, sizes.width, device=device)
        self.positions = positions(sizes.width).to(device)
        self.leaves = {}
        for name, (start, shape) in self.places.items():
            if "_proj." not in name:
                self._leaf(name, start, shape)
        for block, crossing in blocks(sizes):
            for group in (("q",), ("k", "v"), ("out",)) if crossing else (("q", "k", "v"), ("out",)):
                for kind, tail in (("weight", (sizes.width,)), ("bias", ())):
                    start = self.places[f"{block}.{group[0]}_proj.{kind}"][0]
                    self._leaf(f"{block}.{''.join(group)}.{kind}", start, (len(group) * sizes.width, *tail))

    def _leaf(self, name, start, shape):
        part = slice(start, start + math.prod(shape))
        leaf = self.working[part].view(shape).detach().requires_grad_()
        leaf.grad = self.gradient[part].view(shape)
        self.leaves[name] = leaf

    def views(self, buffer):
        """The parameters of a buffer by name."""
        return {name: buffer[start:start + math.prod(shape)].view(shape)
                for name, (start, shape) in self.places.items()}

    def initialise(self):
        for name, view in self.views(self.master).items():
            if name.endswith("layer_norm.weight"):
                view.fill_(1)
            elif name == EMBEDDING:
                view.normal_(0, self.sizes.width ** -0.5)
            elif view.dim() == 2:
                torch.nn.init.xavier_uniform_(view)

    def mean_gradient(self, tokens):
        """The float32 gradient of everything, divided by the tokens it was summed over; the buffers are cleared."""
        mean = self.gradient.to(torch.float32, copy=True)  # also where it is float32: the buffer is cleared below
        start, shape = self.places[EMBEDDING]
        mean[start:start + math.prod(shape)] = self.embedding_gradient.flatten()
        self.gradient.zero_()
        self.embedding_gradient.zero_()
        return mean.div_(tokens)

    def drop(self, x):
        return F.dropout(x, self.dropout) if self.dropout else x

    def embed(self, ids, first=0):
        """(batch, length, width) of embedded ids; the positions from `first` on are added."""
        return self.drop(Lookup.apply(self.leaves[EMBEDDING], ids, self, first))

    def linear(self, x, name, shift=0):
        return F.linear(self.round(x, shift), self.leaves[name + ".weight"], self.leaves[name + ".bias"])

    def round(self, x, shift=0):
        return Round.apply(x, shift) if self.rounded else x

    def norm(self, x, name):
        return F.layer_norm(x, (self.sizes.width,), self.leaves[name + ".weight"], self.leaves[name + ".bias"])

    def add(self, x, found, name):
        """The layer norm `name` of what a block found added to what it was given."""
        return self.norm(x + self.drop(found), name)

    def project(self, x, name, parts):
        """`parts` projections of x (batch, length, width), each as (batch, heads, length, width of a head)."""
        heads = self.sizes.heads
        found = self.linear(x, name).view(*x.shape[:2], parts, heads, self.sizes.width // heads)
        return found.permute(2, 0, 3, 1, 4)

    def attend(self, block, query, key, value, mask, guide=None):
        """Attention (batch, length, width); `guide` is told the chances of the first head."""
        scores = query @ key.transpose(-1, -2)
        scale = (self.sizes.width // self.sizes.heads) ** -0.5
        chances = torch.softmax(scores * scale if mask is None else torch.add(mask, scores, alpha=scale), -1)
        if guide:
            guide(chances[:, 0])
        found = chances @ value
        return self.linear(found.transpose(1, 2).flatten(2), block + ".out")

    def feed_forward(self, layer, x):
        inner = self.drop(F.silu(self.linear(x, layer + ".fc1")))
        return self.add(x, self.linear(inner, layer + ".fc2", SHIFT), layer + ".final_layer_norm")

    def mask(self, source):
        """What is added to the scores of padded source ids (batch, 1, 1, length)."""
        mask = torch.zeros(source.shape, dtype=self.compute, device=self.device)
        return mask.masked_fill_(source == self.pad, MASKED)[:, None, None]

    def encode(self, source, mask):
        """Encoder states (batch, length, width) of padded source ids."""
        x = self.embed(source)
        for number in range(self.sizes.encoder):
            layer = f"model.encoder.layers.{number}"
            found = self.attend(layer + ".self_attn", *self.project(x, layer + ".self_attn.qkv", 3), mask)
            x = self.add(x, found, layer + ".self_attn_layer_norm")
            x = self.feed_forward(layer, x)
        return x

    def states(self, source, previous, guide=None):
        """Encoder and decoder states (batch, length, width) for padded source ids and the shifted target ids.

        `guide` is called for each decoder layer with how much each target place looks at each source place.
        """
        mask = self.mask(source)
        x = self.encode(source, mask)
        y = self.embed(previous)
        causal = torch.full((previous.shape[1],) * 2, MASKED, dtype=self.compute, device=self.device).triu_(1)
        for number in range(self.sizes.decoder):
            layer = f"model.decoder.layers.{number}"
            found = self.attend(layer + ".self_attn", *self.project(y, layer + ".self_attn.qkv", 3), causal)
            y = self.add(y, found, layer + ".self_attn_layer_norm")
            (query,) = self.project(y, layer + ".encoder_attn.q", 1)
            key, value = self.project(x, layer + ".encoder_attn.kv", 2)
            found = self.attend(layer + ".encoder_attn", query, key, value, mask, guide)
            y = self.add(y, found, layer + ".encoder_attn_layer_norm")
            y = self.feed_forward(layer, y)
        return x, y

    def logits(self, states):
        return F.linear(self.round(states), self.leaves[EMBEDDING])

    def loss(self, states, target, smoothing, strength=1.0, lesson=None):
        """Summed cross-entropy of states (places, width); its gradient is `strength` times that of the smoothed one.

        `lesson` (a Lesson) takes the place of a part of the target.
        """
        return Loss.apply(self.round(states), target, smoothing, strength, self, lesson)


class Lesson(NamedTuple):
    """What a teacher says of the same places: its states and embedding, and how much of the target they make up."""

    states: torch.Tensor
    weight: torch.Tensor
    share: float

    def take_from(self, slope, start):
        """Subtract share * the teacher's chances of the places from `start` on."""
        chances = torch.softmax(self.states[start:start + len(slope)] @ self.weight.t(), -1)
        slope.sub_(chances, alpha=self.share)


class Round(torch.autograd.Function):
    """Rows as they are after quantise() of src/engine/kernel/portable.rs; the gradient passes as if nothing had been rounded."""

    @staticmethod
    def forward(context, x, shift):
        largest = x.abs().amax(-1, keepdim=True)
        if shift:
            above, below = 127 + shift, 127 - shift
            largest = torch.maximum(x.amax(-1, keepdim=True), x.amin(-1, keepdim=True) * (-above / below))
        step = (largest / (127 + shift)).clamp_min(1e-30)
        return (x / step).round_().mul_(step)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


class Lookup(torch.autograd.Function):
    """Embedding whose gradient goes to `embedding_gradient` in float32: bfloat16 loses small parts of large sums."""

    @staticmethod
    def forward(context, weight, ids, network, first):
        context.network = network
        context.save_for_backward(ids)
        found = F.embedding(ids, weight).float().masked_fill_((ids == network.pad)[..., None], 0)
        places = network.positions[first:first + ids.shape[1]]
        return (found * math.sqrt(network.sizes.width) + places).to(network.compute)

    @staticmethod
    def backward(context, gradient):
        (ids,) = context.saved_tensors
        network = context.network
        total, pad = network.embedding_gradient, network.pad
        before = total[pad].clone()
        total.index_add_(
            0, ids.flatten(), gradient.flatten(0, 1).float(), alpha=math.sqrt(network.sizes.width))
        total[pad] = before  # its embedding is zero whatever its weights say
        return None, None, None, None


class Loss(torch.autograd.Function):
    """Softmax and its gradient in one go, a slice of rows at a time so that the logits stay in the cache.

    The gradient for the logits is chances - (1 - smoothing) * target - smoothing / vocabulary; the last term is the
    same for every word and is added to the two products instead. With a lesson (https://aclanthology.org/D16-1139, section
    3.1) it is chances - share * the teacher's - (1 - share) * the same target, smoothing and all.
    """

    ROWS = dict(cpu=256, cuda=16384)

    @staticmethod
    def forward(context, states, target, smoothing, strength, network, lesson):
        weight = network.leaves[EMBEDDING].detach()
        own = 1 - lesson.share if lesson else 1.0
        each = own * smoothing / network.vocabulary
        total = torch.zeros((), device=states.device)
        by_state = torch.empty_like(states)
        step = Loss.ROWS[states.device.type]
        for start in range(0, len(states), step):
            rows, wanted = states[start:start + step], target[start:start + step, None]
            slope = torch.softmax(rows @ weight.t(), -1)
            chances = slope.gather(1, wanted)
            total -= chances.float().clamp_min(1e-30).log_().sum()
            slope.scatter_(1, wanted, chances - own * (1 - smoothing))
            if lesson:
                lesson.take_from(slope, start)
            torch.mm(slope, weight, out=by_state[start:start + step])
            network.embedding_gradient.add_(slope.t() @ rows, alpha=strength)
        by_state -= each * weight.float().sum(0).to(states.dtype)
        network.embedding_gradient -= strength * each * states.float().sum(0)
        context.save_for_backward(by_state * strength)
        return total

    @staticmethod
    def backward(context, gradient):
        return context.saved_tensors[0], None, None, None, None, None
