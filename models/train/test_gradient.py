"""What the trainer takes for the gradient is one: compared with differences of the objective, on a tiny network.

usage: python test_gradient.py
"""

import math

import torch
import torch.nn.functional as F

import network
from pairs import NONE
from train import SMOOTHING, Guide, Optimizer
from widen import twice, widened

SIZES = network.Sizes(width=16, inner=32, heads=2, encoder=2, decoder=2)
VOCABULARY, PAD = 40, 39
STRENGTH = 0.5  # of the attention's loss and of the words alone
STEP, TOLERANCE = 3e-3, 0.02


def tiny():
    """A network in float32 with weights that are all worth something, and a batch of which the second row is shorter."""
    network.computing_type = lambda device: torch.float32
    torch.manual_seed(1)
    made = network.Network(VOCABULARY, SIZES, torch.device("cpu"))
    made.initialise()
    made.master.add_(torch.randn_like(made.master), alpha=0.1)
    made.working.copy_(made.master)
    source, target = torch.randint(2, PAD, (2, 6)), torch.randint(2, PAD, (2, 7))
    places = torch.randint(0, 4, (2, 7))
    source[1, 4:], target[1, 5:], places[1, 5:] = PAD, PAD, NONE
    return made, source, target, places


def forward(made, source, target, places):
    """States at target places, those of the encoder at aligned places, and the attention's loss."""
    previous = torch.cat([torch.full_like(target[:, :1], PAD), target[:, :-1]], 1)
    guide = Guide(places)
    encoded, states = made.states(source, previous, guide)
    aligned = encoded.gather(1, guide.places.expand(-1, -1, SIZES.width))[guide.known]
    return states[target != PAD], aligned, guide


def objective(made, source, target, places):
    """As the trainer's, of plain parts in double precision."""
    states, aligned, guide = forward(made, source, target, places)

    def smoothed(states, wanted):
        return F.cross_entropy(made.logits(states).double(), wanted, reduction="sum", label_smoothing=SMOOTHING)

    words = smoothed(aligned, target[guide.known])
    return smoothed(states, target[target != PAD]) + STRENGTH * (guide.loss.double() + words)


def gradient(made, source, target, places):
    states, aligned, guide = forward(made, source, target, places)
    loss = made.loss(states, target[target != PAD], SMOOTHING) + STRENGTH * guide.loss
    (loss + made.loss(aligned, target[guide.known], SMOOTHING, STRENGTH)).backward()
    return made.mean_gradient(1)


@torch.no_grad()
def slope(made, batch, direction, part):
    """How fast the objective grows along a direction."""
    before = made.working[part].clone()
    ends = []
    for step in (STEP, -STEP):
        made.working[part] = before + step * direction
        ends.append(objective(made, *batch).item())
    made.working[part] = before
    return (ends[0] - ends[1]) / (2 * STEP)


def test_gradient_is_the_slope_of_the_objective():
    made, *batch = tiny()
    found = gradient(made, *batch)
    for name, (start, shape) in made.places.items():
        part = slice(start, start + math.prod(shape))
        length = found[part].norm().item()
        if name.endswith("k_proj.bias"):  # adds the same to all scores of a row
            assert length < 1e-3, (name, length)
            continue
        measured = slope(made, batch, found[part] / length, part)
        assert abs(measured - length) < TOLERANCE * length, (name, length, measured)


def test_with_a_lesson_the_gradient_is_that_of_the_mixed_target():
    made, *batch = tiny()
    states, _, _ = forward(made, *batch)
    states = states.detach().requires_grad_()
    wanted = batch[1][batch[1] != PAD]
    lesson = network.Lesson(torch.randn_like(states), torch.randn(VOCABULARY, SIZES.width), 0.6)
    made.loss(states, wanted, SMOOTHING, lesson=lesson).backward()
    found, states.grad = states.grad, None
    own = F.one_hot(wanted, VOCABULARY) * (1 - SMOOTHING) + SMOOTHING / VOCABULARY
    mixed = 0.6 * torch.softmax(lesson.states @ lesson.weight.t(), -1) + 0.4 * own
    F.cross_entropy(states @ made.leaves[network.EMBEDDING].detach().t(), mixed, reduction="sum").backward()
    assert torch.allclose(found, states.grad, atol=1e-4), (found - states.grad).abs().max()


def test_a_widened_network_computes_the_same():
    small, *batch = tiny()
    wide_sizes = network.Sizes(2 * SIZES.width, 2 * SIZES.inner, 2 * SIZES.heads, SIZES.encoder, SIZES.decoder)
    wide = network.Network(VOCABULARY, wide_sizes, torch.device("cpu"))
    tensors = widened(small.views(small.master), SIZES)
    for name, view in wide.views(wide.master).items():
        view.copy_(tensors[name])
    wide.working.copy_(wide.master)
    wide.positions = small.positions[:, twice(SIZES.width)]
    with torch.no_grad():
        expected, found = (made.logits(forward(made, *batch)[0]) for made in (small, wide))
    assert torch.allclose(found, expected, atol=1e-4), (found - expected).abs().max()


def test_the_buffers_are_empty_after_a_gradient():
    made, *batch = tiny()
    assert torch.equal(gradient(made, *batch), gradient(made, *batch))


def test_rounded_rows_are_near_and_pass_the_gradient():
    rows = torch.randn(5, 64, requires_grad=True)
    for shift, lowest in ((0, None), (network.SHIFT, -0.2)):
        x = rows.clamp_min(lowest) if shift else rows
        found = network.Round.apply(x, shift)
        step = (x.amax(-1) if shift else x.abs().amax(-1)) / (127 + shift)
        assert ((found - x).abs().amax(-1) <= 0.501 * step).all() and (found != x).float().mean() > 0.9
        (gradient,) = torch.autograd.grad(found.sum(), x)
        assert torch.equal(gradient, torch.ones_like(x))


def test_steps_lower_the_objective():
    made, *batch = tiny()
    optimizer = Optimizer(made)
    before = objective(made, *batch).item()
    for _ in range(20):
        optimizer.step(gradient(made, *batch), 1e-2)
    assert objective(made, *batch).item() < 0.9 * before


if __name__ == "__main__":
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            test()
            print(name)
