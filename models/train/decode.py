"""Beam search with a network in training, over many sentences at once."""

import numpy as np
import torch

from network import POSITIONS
from pairs import END

STEPS_BETWEEN = 8  # between looks at which sentences are done; a look waits for the device


class Search:
    """The beams of a batch of padded sources (sentences, length)."""

    def __init__(self, network, source, beam, longest):
        self.network, self.beam, self.longest = network, beam, longest
        sentences, device = len(source), source.device
        self.mask = network.mask(source)
        encoded = network.encode(source, self.mask)
        layers = [f"model.decoder.layers.{number}" for number in range(network.sizes.decoder)]
        self.layers = layers
        self.memory = [tuple(part.contiguous() for part in network.project(encoded, layer + ".encoder_attn.kv", 2))
                       for layer in layers]
        heads, width = network.sizes.heads, network.sizes.width
        shape = 2, sentences * beam, heads, longest, width // heads
        self.past = [torch.zeros(shape, dtype=network.compute, device=device) for _ in layers]
        self.tokens = torch.full((sentences, beam, longest + 1), network.pad, device=device)
        self.scores = torch.full((sentences, beam), float("-inf"), device=device)
        self.scores[:, 0] = 0
        self.best = torch.full((sentences, longest + 1), network.pad, device=device)
        self.best_score = torch.full((sentences,), float("-inf"), device=device)
        self.origin = torch.arange(sentences, device=device)
        self.length = 0

    def logits(self):
        """Of the next token, (sentences * beam, vocabulary)."""
        network, length = self.network, self.length
        rows = self.tokens[:, :, length].reshape(-1, 1)
        y = network.embed(rows, length)
        for layer, past, (key, value) in zip(self.layers, self.past, self.memory):
            query, *new = network.project(y, layer + ".self_attn.qkv", 3)
            past[:, :, :, length] = torch.stack(new)[:, :, :, 0]
            seen = past[:, :, :, :length + 1]
            y = network.add(y, network.attend(layer + ".self_attn", query, *seen, None), layer + ".self_attn_layer_norm")
            (query,) = network.project(y, layer + ".encoder_attn.q", 1)
            query = query.view(-1, self.beam, *query.shape[1:])[:, :, :, 0].transpose(1, 2)  # the beams share a memory
            found = network.attend(layer + ".encoder_attn", query, key, value, self.mask)
            y = network.add(y, found.reshape(y.shape), layer + ".encoder_attn_layer_norm")
            y = network.feed_forward(layer, y)
        return network.logits(y[:, 0])

    def step(self):
        """Lengthen each beam by one token; an ended one is kept if it is the best by its mean log-probability."""
        beam, length = self.beam, self.length + 1
        logits = self.logits()
        logits[:, self.network.pad] = float("-inf")
        values, ids = logits.topk(2 * beam, 1)
        chances = values.float() - logits.float().logsumexp(1, keepdim=True)
        totals = (self.scores[:, :, None] + chances.view(-1, beam, 2 * beam)).flatten(1)
        totals, which = totals.topk(2 * beam, 1)
        parents, ids = which // (2 * beam), ids.view(-1, 2 * beam * beam).gather(1, which)
        ended = ids == END
        scores, which = (totals[:, :beam] / length).masked_fill_(~ended[:, :beam], float("-inf")).max(1)
        sentences = torch.arange(len(ids), device=ids.device)
        better = scores > self.best_score
        found = self.tokens[sentences, parents[sentences, which]]
        found[:, length] = END
        self.best = torch.where(better[:, None], found, self.best)
        self.best_score = torch.where(better, scores, self.best_score)
        self.scores, which = totals.masked_fill_(ended, float("-inf")).topk(beam, 1)
        parents = parents.gather(1, which)
        self.tokens = self.tokens[sentences[:, None], parents]
        self.tokens[:, :, length] = ids.gather(1, which)
        if beam > 1:
            rows = (sentences[:, None] * beam + parents).flatten()
            for past in self.past:
                past[:, :, :, :length] = past[:, rows, :, :length]
        self.length = length

    def take_done(self, result):
        """Move the sentences whose best hypothesis can hardly be bettered to `result`; whether any are left."""
        done = self.best_score >= self.scores[:, 0] / self.length
        if self.length == self.longest:
            open_ended = self.best_score == float("-inf")
            self.best = torch.where(open_ended[:, None], self.tokens[:, 0], self.best)
            done = torch.ones_like(done)
        for origin, row, score in zip(*(part[done].tolist() for part in (self.origin, self.best, self.best_score))):
            row = row[1:]
            result[origin] = row[:row.index(END) if END in row else None], score
        left = (~done).nonzero()[:, 0]
        if len(left) < len(done):
            rows = (left[:, None] * self.beam + torch.arange(self.beam, device=left.device)).flatten()
            self.past = [past[:, rows] for past in self.past]
            self.memory = [(key[left], value[left]) for key, value in self.memory]
            for name in ("mask", "tokens", "scores", "best", "best_score", "origin"):
                setattr(self, name, getattr(self, name)[left])
        return len(left) > 0


@torch.no_grad()
def translate(network, sources, beam, budget):
    """For each source (token ids) the best hypothesis and its mean log-probability; `budget` places in a batch."""
    order = sorted(range(len(sources)), key=lambda index: -len(sources[index]))
    results = [None] * len(sources)
    start = 0
    while start < len(order):
        width = len(sources[order[start]]) + 1
        rows = order[start:start + max(1, budget // width)]
        start += len(rows)
        source = np.full((len(rows), width), network.pad)
        for line, index in zip(source, rows):
            line[:len(sources[index])] = sources[index]
            line[len(sources[index])] = END
        source = torch.from_numpy(source).to(network.device)
        search = Search(network, source, beam, min(POSITIONS - 1, width * 3 // 2 + 8))
        found = [None] * len(rows)
        while True:
            search.step()
            if search.length % STEPS_BETWEEN == 0 or search.length == search.longest:
                if not search.take_done(found):
                    break
        for index, result in zip(rows, found):
            results[index] = result
    return results
