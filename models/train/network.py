"""The small Marian network on one flat buffer of parameters, written for training on a CPU.

Float32 masters are updated; a copy of the same layout computes, in bfloat16 where the processor multiplies it and
else in float32. Matrices that are used together lie together,
so that query, key and value are one product and the optimizer sees three stacks of equal matrices. Names and results
are those of transformers' MarianMTModel (layer norm after each block, swish, tied embedding scaled by sqrt(width)).
"""

import math

import numpy as np
import torch
import torch.nn.functional as F

WIDTH, INNER, HEADS, ENCODER, DECODER, POSITIONS = 256, 1024, 4, 6, 2, 256
MASKED = -1e4
EMBEDDING = "model.shared.weight"
COMPUTE = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32  # elsewhere it is emulated, slowly


def blocks():
    """Attention blocks, in order: name of the block and whether its queries come from elsewhere than its keys."""
    for layer in range(ENCODER):
        yield f"model.encoder.layers.{layer}.self_attn", False
    for layer in range(DECODER):
        yield f"model.decoder.layers.{layer}.self_attn", False
        yield f"model.decoder.layers.{layer}.encoder_attn", True


def layout(vocabulary):
    """(name, shape) of every parameter in the order of the buffer: squares, first and second feed-forward, the rest."""
    layers = [f"model.encoder.layers.{number}" for number in range(ENCODER)]
    layers += [f"model.decoder.layers.{number}" for number in range(DECODER)]
    projections = [f"{block}.{part}_proj" for block, _ in blocks() for part in ("q", "k", "v", "out")]
    yield from ((f"{name}.weight", (WIDTH, WIDTH)) for name in projections)
    yield from ((f"{name}.fc1.weight", (INNER, WIDTH)) for name in layers)
    yield from ((f"{name}.fc2.weight", (WIDTH, INNER)) for name in layers)
    yield EMBEDDING, (vocabulary, WIDTH)
    yield from ((f"{name}.bias", (WIDTH,)) for name in projections)
    for name in layers:
        yield f"{name}.fc1.bias", (INNER,)
        yield f"{name}.fc2.bias", (WIDTH,)
        norms = ["self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm"]
        for norm in norms if "decoder" in name else norms[::2]:
            yield f"{name}.{norm}.weight", (WIDTH,)
            yield f"{name}.{norm}.bias", (WIDTH,)


def positions():
    """Sines in the first half and cosines in the second half of each row (POSITIONS, WIDTH), as Marian has them."""
    angle = np.arange(POSITIONS)[:, None] / np.power(10000, 2 * np.arange(WIDTH // 2) / WIDTH)
    return torch.tensor(np.concatenate([np.sin(angle), np.cos(angle)], 1), dtype=torch.float32)


class Network:
    """Buffers `master` (float32), `working` and `gradient` (COMPUTE), and what is computed with them."""

    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.pad = vocabulary - 1  # embedded as zeros, as in Marian, where the decoder starts from nothing
        self.places, size = {}, 0
        for name, shape in layout(vocabulary):
            self.places[name] = (size, shape)
            size += math.prod(shape)
        self.master = torch.zeros(size)
        self.working = torch.zeros(size, dtype=COMPUTE)
        self.gradient = torch.zeros(size, dtype=COMPUTE)
        self.embedding_gradient = torch.zeros(vocabulary, WIDTH)
        self.positions = positions()
        self.leaves = {}
        for name, (start, shape) in self.places.items():
            if "_proj." not in name:
                self._leaf(name, start, shape)
        for block, crossing in blocks():
            for group in (("q",), ("k", "v"), ("out",)) if crossing else (("q", "k", "v"), ("out",)):
                for kind, tail in (("weight", (WIDTH,)), ("bias", ())):
                    start = self.places[f"{block}.{group[0]}_proj.{kind}"][0]
                    self._leaf(f"{block}.{''.join(group)}.{kind}", start, (len(group) * WIDTH, *tail))

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
                view.normal_(0, WIDTH ** -0.5)
            elif view.dim() == 2:
                torch.nn.init.xavier_uniform_(view)

    def mean_gradient(self, tokens):
        """The float32 gradient of everything, divided by the tokens it was summed over; the buffers are cleared."""
        mean = self.gradient.float()
        start, shape = self.places[EMBEDDING]
        mean[start:start + math.prod(shape)] = self.embedding_gradient.flatten()
        self.gradient.zero_()
        self.embedding_gradient.zero_()
        return mean.div_(tokens)

    def embed(self, ids):
        """(batch, length, width) of embedded ids; positions added."""
        return Lookup.apply(self.leaves[EMBEDDING], ids, self)

    def linear(self, x, name):
        return F.linear(x, self.leaves[name + ".weight"], self.leaves[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, (WIDTH,), self.leaves[name + ".weight"], self.leaves[name + ".bias"])

    def attend(self, block, x, mask, memory=None, guide=None):
        """Attention of `x` to itself or to `memory`; `guide` is told the chances of the first head."""
        split = lambda t, parts: t.view(*t.shape[:2], parts, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        if memory is None:
            query, key, value = split(self.linear(x, block + ".qkv"), 3)
        else:
            (query,) = split(self.linear(x, block + ".q"), 1)
            key, value = split(self.linear(memory, block + ".kv"), 2)
        scores = query @ key.transpose(-1, -2)
        chances = torch.softmax(torch.add(mask, scores, alpha=(WIDTH // HEADS) ** -0.5), -1)
        if guide:
            guide(chances[:, 0])
        found = chances @ value
        return self.linear(found.transpose(1, 2).reshape(x.shape), block + ".out")

    def feed_forward(self, layer, x):
        inner = F.silu(self.linear(x, layer + ".fc1"))
        return self.norm(x + self.linear(inner, layer + ".fc2"), layer + ".final_layer_norm")

    def states(self, source, previous, pad, guide=None):
        """Encoder and decoder states (batch, length, width) for padded source ids and the shifted target ids.

        `guide` is called for each decoder layer with how much each target place looks at each source place.
        """
        mask = torch.zeros(source.shape, dtype=COMPUTE).masked_fill_(source == pad, MASKED)[:, None, None]
        x = self.embed(source)
        for number in range(ENCODER):
            layer = f"model.encoder.layers.{number}"
            x = self.norm(x + self.attend(layer + ".self_attn", x, mask), layer + ".self_attn_layer_norm")
            x = self.feed_forward(layer, x)
        y = self.embed(previous)
        causal = torch.full((previous.shape[1],) * 2, MASKED, dtype=COMPUTE).triu_(1)
        for number in range(DECODER):
            layer = f"model.decoder.layers.{number}"
            y = self.norm(y + self.attend(layer + ".self_attn", y, causal), layer + ".self_attn_layer_norm")
            found = self.attend(layer + ".encoder_attn", y, mask, x, guide)
            y = self.norm(y + found, layer + ".encoder_attn_layer_norm")
            y = self.feed_forward(layer, y)
        return x, y

    def loss(self, states, target, smoothing, strength=1.0):
        """Mean cross-entropy; its gradient is `strength` times that of the sum of the smoothed cross-entropy."""
        return Loss.apply(states, target, smoothing, strength, self)


class Lookup(torch.autograd.Function):
    """Embedding whose gradient goes to `embedding_gradient` in float32: bfloat16 loses small parts of large sums."""

    @staticmethod
    def forward(context, weight, ids, network):
        context.network = network
        context.save_for_backward(ids)
        found = F.embedding(ids, weight).float().masked_fill_((ids == network.pad)[..., None], 0)
        return (found * math.sqrt(WIDTH) + network.positions[:ids.shape[1]]).to(COMPUTE)

    @staticmethod
    def backward(context, gradient):
        (ids,) = context.saved_tensors
        context.network.embedding_gradient.index_add_(
            0, ids.flatten(), gradient.flatten(0, 1).float(), alpha=math.sqrt(WIDTH))
        return None, None, None


class Loss(torch.autograd.Function):
    """Softmax and its gradient in one go, a slice of rows at a time so that the logits stay in the cache.

    The gradient for the logits is chances - (1 - smoothing) * target - smoothing / vocabulary; the last term is the
    same for every word and is added to the two products instead.
    """

    ROWS = 256

    @staticmethod
    def forward(context, states, target, smoothing, strength, network):
        weight = network.leaves[EMBEDDING].detach()
        each = smoothing / network.vocabulary
        total = 0.0
        by_state = torch.empty_like(states)
        for start in range(0, len(states), Loss.ROWS):
            rows, wanted = states[start:start + Loss.ROWS], target[start:start + Loss.ROWS]
            slope = torch.softmax(rows @ weight.t(), -1)
            places = torch.arange(len(rows)), wanted
            chances = slope[places]
            total -= chances.float().clamp_min_(1e-30).log_().sum().item()
            slope[places] = chances - (1 - smoothing)
            torch.mm(slope, weight, out=by_state[start:start + Loss.ROWS])
            network.embedding_gradient.add_(slope.t() @ rows, alpha=strength)
        by_state -= each * weight.float().sum(0).to(COMPUTE)
        network.embedding_gradient -= strength * each * states.float().sum(0)
        context.save_for_backward(by_state * strength)
        return torch.tensor(total / len(states))

    @staticmethod
    def backward(context, gradient):
        return context.saved_tensors[0], None, None, None, None
