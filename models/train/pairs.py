"""Packed sentence pairs (prepare.py) with their word alignment (align.py), if there is one, in padded batches on a device."""

import numpy as np
import torch

MIXES = ["weight", "finishing_weight"]  # columns of data.tsv: how often a pass takes each pair
LONGEST = 128  # pieces of a sentence
END, REVERSE = 0, 1  # `</s>`; `<unk>`, never met with byte fallback, in front of English to be made German
NONE = 255  # in align.npy: no place


def pack(sentences):
    """All ids in a row, and the length of each sentence."""
    lengths = np.array([len(sentence) for sentence in sentences], np.uint8)
    return np.concatenate([[], *sentences]).astype(np.uint16), lengths


class Pairs:
    """Rows of source and target ids: German to English, with `both` also English to German."""

    def __init__(self, data, both, pad, device):
        packed = np.load(data / "pairs.npz")
        german, english = packed["german"], packed["english"]
        german_length, english_length = (packed[side + "_length"].astype(np.int64) for side in ("german", "english"))
        german_start, english_start = (np.cumsum(length) - length for length in (german_length, english_length))
        aligned = data / "align.npy"
        places = np.load(aligned) if aligned.exists() else np.full(len(english), NONE, np.uint8)
        chosen = np.flatnonzero((german_length > 0) & (english_length > 0))
        origin = packed["origin"][chosen]
        source = german_start[chosen], german_length[chosen], np.zeros_like(chosen)
        target = english_start[chosen] + len(german), english_length[chosen]
        if both:
            reverse = turned(places, german_length, english_length, german_start)
            reverse_source = target[0], target[1], np.ones_like(chosen)
            target = tuple(map(np.concatenate, zip(target, source[:2])))
            source = tuple(map(np.concatenate, zip(source, reverse_source)))
            origin = np.concatenate([origin, origin])
        else:
            reverse = np.full(len(german), NONE, np.uint8)
        self.origin, self.pad, self.device = origin, pad, device
        self.weights = {mix: packed[mix] for mix in MIXES}
        (self.source_start, self.source_length, self.tag), (self.target_start, self.target_length) = source, target
        self.ids = torch.from_numpy(np.concatenate([german, english]).astype(np.int32)).to(device)
        self.places = torch.from_numpy(np.concatenate([reverse, places])).to(device)

    def __len__(self):
        return len(self.origin)

    def batches(self, mix, budget, seed):
        """The rows of each batch of a pass, shuffled, of at most `budget` places a side; a weight of 1.3 is once or twice."""
        random = np.random.default_rng(seed)
        times = np.floor(self.weights[mix][self.origin] + random.random(len(self))).astype(np.int64)
        rows = np.repeat(np.arange(len(self)), times)
        longest = np.maximum(self.source_length + self.tag, self.target_length)[rows] + 1
        order = np.argsort(longest * 1000 + self.target_length[rows] * 2 + random.random(len(rows)) * 3000)
        rows, longest = rows[order], np.maximum.accumulate(longest[order])
        groups, start = [], 0
        while start < len(rows):
            widths = longest[start:start + budget // longest[start] + 1]
            fitting = np.searchsorted(widths * np.arange(1, len(widths) + 1), budget, side="right")
            groups.append(rows[start:start + max(1, fitting)])
            start += max(1, fitting)
        random.shuffle(groups)
        return groups

    def batch(self, rows):
        """Padded source and target (rows, length), aligned source places, and where the flat target is not padding."""
        none = np.zeros_like(rows)
        source = self._padded(self.ids, self.source_start[rows], self.source_length[rows], self.tag[rows], END, self.pad)
        target = self._padded(self.ids, self.target_start[rows], self.target_length[rows], none, END, self.pad)
        places = self._padded(self.places, self.target_start[rows], self.target_length[rows], none, NONE, NONE)
        length = self.target_length[rows] + 1
        first = np.arange(len(rows)) * target.shape[1]
        real = np.arange(length.sum()) + np.repeat(first - np.cumsum(length) + length, length)
        return source, target, places, self._to_device(real)

    def _padded(self, flat, starts, lengths, tags, end, fill):
        """Runs of `flat`, `tags` (0 or 1) times REVERSE in front of them and `end` behind, filled up to one width."""
        width = int((lengths + tags).max()) + 1
        if self.device.type == "cuda":
            width += -width % 8
        start, length, tag = (self._to_device(array)[:, None] for array in (starts, lengths, tags))
        columns = torch.arange(width, device=self.device) - tag
        found = flat[(start + columns).clamp_(0, len(flat) - 1)].long()
        return found.masked_fill_(columns > length, fill).masked_fill_(columns == length, end).masked_fill_(columns < 0, REVERSE)

    def _to_device(self, array):
        tensor = torch.from_numpy(array)
        return tensor.pin_memory().to(self.device, non_blocking=True) if self.device.type == "cuda" else tensor


def turned(places, german_length, english_length, german_start):
    """For each German piece the place of an English piece aligned to it, after the tag in front, or NONE."""
    sentence = np.repeat(np.arange(len(english_length)), english_length)
    place = np.arange(len(places)) - np.repeat(np.cumsum(english_length) - english_length, english_length) + 1
    known = np.flatnonzero((places != NONE) & (place < NONE))[::-1]  # the first English piece has the last word
    found = np.full(german_length.sum(), NONE, np.uint8)
    found[german_start[sentence[known]] + places[known]] = place[known]
    return found
