//! The definition of every kernel in plain Rust: the oracle of all instruction sets, and the fallback.
//!
//! In: slices. Out: slices. No intrinsics here. Everything is `#[inline(always)]`, so that the files of the instruction
//! sets can have the same code compiled for their registers. Sums run in [`LANES`] partial sums that are added up in a
//! fixed tree, and a multiplication is fused with an addition where `mul_add` says so and nowhere else, so results are
//! equal bit for bit everywhere.

use half::bf16;

use super::{Matrix, PANEL, QUERIES, Rows, Source};

/// Partial sums of every reduction: one 512-bit register of f32.
pub const LANES: usize = 16;

/// Most rows of one tile of any instruction set: 6 rows and 4 registers of 16 columns leave room in 32 registers.
pub const TILE: usize = 6;

/// Rows of the past that are fetched ahead of their use.
const AHEAD: usize = 3;

/// Sums of products of one tile, [`PANEL`] columns a row.
pub type Sums = [[i32; PANEL]; TILE];

/// What a tile is computed from.
#[derive(Clone, Copy)]
pub struct TileInput<'a> {
    /// Quantised rows, `stride` apart, starting with the first of the tile.
    pub rows: &'a [i8],
    /// Distance of two rows.
    pub stride: usize,
    /// Index of the first row of the tile.
    pub first_row: usize,
    /// Sum of each row of the tile; starts with the first.
    pub row_sums: &'a [i32],
    /// One panel: for each group of 4 inputs, [`PANEL`] · 4 bytes, weight + 128.
    pub panel: &'a [u8],
    /// Where the next panel begins, to be fetched meanwhile; empty when there is none.
    pub next: &'a [u8],
}

impl TileInput<'_> {
    /// Groups of 4 inputs.
    #[inline(always)]
    pub fn groups(&self) -> usize {
        self.panel.len() / (4 * PANEL)
    }
}

/// Exact sums of products of `R` rows with the columns of a panel.
#[inline(always)]
pub fn tile<const R: usize>(input: TileInput, sums: &mut Sums) {
    for (r, sums) in sums.iter_mut().enumerate().take(R) {
        sums.fill(0);
        let row = &input.rows[r * input.stride..];
        for (group, inputs) in input.panel.as_chunks::<{ 4 * PANEL }>().0.iter().zip(row.as_chunks::<4>().0) {
            for (sum, weights) in sums.iter_mut().zip(group.as_chunks::<4>().0) {
                for (&weight, &x) in weights.iter().zip(inputs) {
                    *sum += (i32::from(weight) - 128) * i32::from(x);
                }
            }
        }
    }
}

/// x · weightᵀ + bias for some panels: tiles of at most `tallest` rows, each by `tile`, then back to f32.
#[inline(always)]
pub fn multiply(
    x: Rows,
    matrix: Matrix,
    panels: std::ops::Range<usize>,
    out: &mut [f32],
    tallest: usize,
    tile: impl Fn(usize, TileInput, &mut Sums),
) {
    let rows = x.scales.len();
    let width = panels.len() * PANEL;
    let bytes = matrix.panel_bytes();
    let mut sums: Sums = [[0; PANEL]; TILE];
    for (index, panel) in panels.enumerate() {
        let columns = panel * PANEL..(panel + 1) * PANEL;
        let (scales, bias) = (&matrix.scales[columns.clone()], &matrix.bias[columns.clone()]);
        let weight_sums = &matrix.sums[columns];
        let weights = &matrix.panels[panel * bytes..(panel + 1) * bytes];
        let following = matrix.panels.get((panel + 1) * bytes..(panel + 2) * bytes).unwrap_or(&[]);
        let tiles = rows.div_ceil(tallest);
        let mut first = 0;
        for number in 0..tiles {
            // As even as possible: a tile of one row costs nearly as much as one of four.
            let height = (rows - first).div_ceil(tiles - number);
            let next = following.len() * number / tiles / 64 * 64..following.len() * (number + 1) / tiles / 64 * 64;
            let input = TileInput {
                rows: &x.values[first * x.stride..],
                stride: x.stride,
                first_row: first,
                row_sums: &x.sums[first..],
                panel: weights,
                next: &following[next],
            };
            tile(height, input, &mut sums);
            for (r, sums) in sums.iter_mut().enumerate().take(height) {
                let row = first + r;
                if x.shift != 0 {
                    for (sum, &weights) in sums.iter_mut().zip(weight_sums) {
                        *sum += x.shift * weights;
                    }
                }
                let out = &mut out[row * width + index * PANEL..][..PANEL];
                dequantise(sums, x.scales[row], scales, bias, out);
            }
            first += height;
        }
    }
}

#[inline(always)]
fn dequantise(sums: &[i32; PANEL], row_scale: f32, scales: &[f32], bias: &[f32], out: &mut [f32]) {
    for (((out, &sum), &scale), &bias) in out.iter_mut().zip(sums).zip(scales).zip(bias) {
        *out = (sum as f32).mul_add(row_scale * scale, bias);
    }
}

/// Rounds by adding 1.5 · 2^23, which leaves the integer in the low bits of the mantissa.
const MAGIC: f32 = 12_582_912.0;

/// Quantises a row to -127..=127; returns its scale (x ≈ scale · (q + shift)) and the sum of the integers.
#[inline(always)]
pub fn quantise(row: &[f32], shift: i32, out: &mut [i8]) -> (f32, i32) {
    // What the largest integer stands for, 127 + shift steps.
    let steps = (127 + shift) as f32;
    let largest = if shift == 0 {
        reduce(row, 0.0, f32::abs, greater)
    } else {
        let below = reduce(row, 0.0, |x| -x, greater) * (steps / (127 - shift) as f32);
        greater(reduce(row, 0.0, |x| x, greater), below)
    };
    let inverse = if largest > f32::MIN_POSITIVE { steps / largest } else { 0.0 };
    let zero = MAGIC.to_bits() as i32 + shift;
    let mut sum = 0i32;
    for (q, &x) in out.iter_mut().zip(row) {
        let integer = ((x * inverse + MAGIC).to_bits() as i32).wrapping_sub(zero);
        *q = integer as i8;
        sum += i32::from(integer as i8);
    }
    (largest / steps, sum)
}

/// [`LANES`] numbers in registers, for the loops that compilers do not find a way to vectorise.
pub trait Vector: Copy {
    fn splat(x: f32) -> Self;
    fn load(from: &[f32; LANES]) -> Self;
    /// Widens, which is exact.
    fn load_half(from: &[bf16; LANES]) -> Self;
    fn store(self, to: &mut [f32; LANES]);
    /// self + a · b, rounded once.
    fn add_product(self, a: Self, b: Self) -> Self;
    /// The sum of the lanes: the upper half is added to the lower until one is left.
    fn sum(self) -> f32;

    /// Tells the memory that these are needed soon.
    #[inline(always)]
    fn fetch(_values: &[bf16]) {}

    /// The sum of each of the vectors, as the lanes of one.
    #[inline(always)]
    fn sums(vectors: [Self; LANES]) -> Self {
        let mut sums = [0.0; LANES];
        for (sum, vector) in sums.iter_mut().zip(vectors) {
            *sum = vector.sum();
        }
        Self::load(&sums)
    }
}

impl Vector for [f32; LANES] {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        [x; LANES]
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        *from
    }

    #[inline(always)]
    fn load_half(from: &[bf16; LANES]) -> Self {
        from.map(widen)
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        *to = self;
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        std::array::from_fn(|lane| a[lane].mul_add(b[lane], self[lane]))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        tree(self, add)
    }
}

/// Folds a slice, mapped, in [`LANES`] lanes, and the lanes in a tree; `neutral` changes nothing when folded in.
#[inline(always)]
fn reduce(values: &[f32], neutral: f32, map: impl Fn(f32) -> f32, fold: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [neutral; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = fold(*lane, map(x));
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane = fold(*lane, map(x));
    }
    tree(lanes, fold)
}

#[inline(always)]
fn tree(lanes: [f32; LANES], fold: impl Fn(f32, f32) -> f32) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|i| fold(lanes[i], lanes[i + 8]));
    let four: [f32; 4] = std::array::from_fn(|i| fold(eight[i], eight[i + 4]));
    fold(fold(four[0], four[2]), fold(four[1], four[3]))
}

#[inline(always)]
fn add(a: f32, b: f32) -> f32 {
    a + b
}

#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// The upper half of an f32 is a bf16.
#[inline(always)]
fn widen(x: bf16) -> f32 {
    f32::from_bits(u32::from(x.to_bits()) << 16)
}

/// The nearest bf16 of each finite value, the even one of two.
#[inline(always)]
pub fn narrow(values: &[f32], out: &mut [bf16]) {
    for (out, x) in out.iter_mut().zip(values) {
        let bits = x.to_bits();
        *out = bf16::from_bits((bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16) as u16);
    }
}

/// Sums of the products of the whole vectors in two slices.
#[inline(always)]
fn products<V: Vector>(a: &[f32], b: &[bf16]) -> V {
    let mut sums = V::splat(0.0);
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        sums = sums.add_product(V::load(a), V::load_half(b));
    }
    sums
}

/// A sum and the products of what is behind the whole vectors of two slices.
#[inline(always)]
fn add_rest(sum: f32, a: &[f32], b: &[bf16]) -> f32 {
    let (a, b) = (a.as_chunks::<LANES>().1, b.as_chunks::<LANES>().1);
    a.iter().zip(b).fold(sum, |sum, (&a, &b)| a.mul_add(widen(b), sum))
}

/// The largest value, -inf for none.
#[inline(always)]
pub fn maximum(values: &[f32]) -> f32 {
    reduce(values, f32::NEG_INFINITY, |x| x, greater)
}

/// Σ exp(x - offset).
#[inline(always)]
pub fn sum_exp(values: &[f32], offset: f32) -> f32 {
    reduce(values, 0.0, |x| exp(x - offset), add)
}

/// hidden = layer norm of (hidden + delta), with torch's default epsilon.
#[inline(always)]
pub fn add_norm(hidden: &mut [f32], delta: &[f32], gain: &[f32], bias: &[f32]) {
    const EPSILON: f32 = 1e-5;
    for (x, &delta) in hidden.iter_mut().zip(delta) {
        *x += delta;
    }
    let count = hidden.len() as f32;
    let mean = reduce(hidden, 0.0, |x| x, add) / count;
    let variance = reduce(hidden, 0.0, |x| (x - mean) * (x - mean), add) / count;
    let inverse = 1.0 / (variance + EPSILON).sqrt();
    for ((x, &gain), &bias) in hidden.iter_mut().zip(gain).zip(bias) {
        *x = ((*x - mean) * inverse).mul_add(gain, bias);
    }
}

/// x / (1 + e^-x) for each.
#[inline(always)]
pub fn swish(values: &mut [f32]) {
    for x in values {
        *x /= 1.0 + exp(-*x);
    }
}

/// max(x, 0) for each.
#[inline(always)]
pub fn relu(values: &mut [f32]) {
    for x in values {
        *x = greater(0.0, *x);
    }
}

/// x · Φ(x) for each, the error function by formula 7.1.26 of Abramowitz and Stegun (error below 1.5e-7).
#[inline(always)]
pub fn gelu(values: &mut [f32]) {
    for x in values {
        let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
        let t = 1.0 / (1.0 + 0.327_591_1 * z);
        let series = t * (0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4))));
        // erfc(|x| / √2) / 2 = Φ(-|x|)
        let tail = 0.5 * series * exp(-z * z);
        *x *= if *x < 0.0 { tail } else { 1.0 - tail };
    }
}

/// GELU's tanh approximation for each, written with a sigmoid: (1 + tanh y) / 2 = 1 / (1 + e^-2y).
#[inline(always)]
pub fn gelu_tanh(values: &mut [f32]) {
    const FACTOR: f32 = 2.0 * 0.797_884_6;
    for x in values {
        let y = FACTOR * (*x + 0.044_715 * *x * *x * *x);
        *x /= 1.0 + exp(-y);
    }
}

/// e^x within 2 units in the last place for -87 ≤ x ≤ 88, which x is clamped to; no branches, so that it vectorises.
///
/// 2^n · e^r with n = round(x / ln 2) and |r| ≤ ln 2 / 2; e^r is its Taylor polynomial of degree 7, whose remainder,
/// r^8 / 8!, is below 6e-9.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // ln 2 in two parts (Cody and Waite), so that n · ln 2 is exact in its high part.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x > -87.0 { x } else { -87.0 };
    let x = if x < 88.0 { x } else { 88.0 };
    let shifted = x.mul_add(std::f32::consts::LOG2_E, MAGIC);
    let n = shifted - MAGIC;
    let r = n.mul_add(-LN2_LOW, n.mul_add(-LN2_HIGH, x));
    let [first, coefficients @ ..] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
    let polynomial = coefficients.into_iter().fold(first, |sum, coefficient: f32| sum.mul_add(r, coefficient));
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    polynomial * power
}

/// Softmax in place of the first `count` scores; the rest, up to a multiple of [`LANES`], is of no account: it becomes
/// e^-87 at most, which changes no sum that contains the 1 of the largest.
#[inline(always)]
fn softmax(scores: &mut [f32], count: usize) {
    scores[count..].fill(f32::NEG_INFINITY);
    let largest = maximum(scores);
    for score in scores.iter_mut() {
        *score = exp(*score - largest);
    }
    let inverse = 1.0 / reduce(scores, 0.0, |x| x, add);
    for score in scores {
        *score *= inverse;
    }
}

/// Calls a function with a head width that the compiler knows, where it is a common one.
macro_rules! with_head {
    ($head:expr, $function:ident::<$vector:ident>($($argument:expr),*)) => {
        match $head {
            64 => $function::<$vector>(64, $($argument),*),
            32 => $function::<$vector>(32, $($argument),*),
            head => $function::<$vector>(head, $($argument),*),
        }
    };
}

/// Attention of one row over its past, see [`super::Kernel::attend_past`].
#[inline(always)]
pub fn attend_past<V: Vector>(
    query: &[f32],
    past: &[bf16],
    slots: &[u32],
    heads: usize,
    scores: &mut [f32],
    out: &mut [f32],
) {
    with_head!(query.len() / heads, attend_past_of::<V>(query, past, slots, scores, out));
}

#[inline(always)]
fn attend_past_of<V: Vector>(
    head: usize,
    query: &[f32],
    past: &[bf16],
    slots: &[u32],
    scores: &mut [f32],
    out: &mut [f32],
) {
    let width = query.len();
    let stride = slots.len().next_multiple_of(LANES);
    let scores = &mut scores[..width / head * stride];
    let key = |slot: u32| &past[slot as usize * 2 * width..][..width];
    let value = |slot: u32| &past[slot as usize * 2 * width + width..][..width];
    // Whole rows are read in turn, as memory likes it, and their sums wait until there are enough to be added up together.
    let (mut waiting, mut targets, mut count) = ([V::splat(0.0); LANES], [0; LANES], 0);
    for (place, &slot) in slots.iter().enumerate() {
        if let Some(&slot) = slots.get(place + AHEAD) {
            V::fetch(key(slot));
        }
        for (number, (query, key)) in query.chunks_exact(head).zip(key(slot).chunks_exact(head)).enumerate() {
            waiting[count] = products(query, key);
            targets[count] = number * stride + place;
            count += 1;
            if count == LANES {
                add_up(waiting, &targets, scores);
                count = 0;
            }
        }
    }
    add_up(waiting, &targets[..count], scores);
    if !head.is_multiple_of(LANES) {
        for (query_first, scores) in (0..width).step_by(head).zip(scores.chunks_exact_mut(stride)) {
            for (score, &slot) in scores.iter_mut().zip(slots) {
                *score = add_rest(*score, &query[query_first..][..head], &key(slot)[query_first..][..head]);
            }
        }
    }
    for scores in scores.chunks_exact_mut(stride) {
        softmax(scores, slots.len());
    }
    out.fill(0.0);
    for (place, &slot) in slots.iter().enumerate() {
        if let Some(&slot) = slots.get(place + AHEAD) {
            V::fetch(value(slot));
        }
        let values = value(slot).chunks_exact(head);
        for ((out, value), scores) in out.chunks_exact_mut(head).zip(values).zip(scores.chunks_exact(stride)) {
            let weight = scores[place];
            let ((out, out_rest), (value, value_rest)) = (out.as_chunks_mut::<LANES>(), value.as_chunks::<LANES>());
            for (out, value) in out.iter_mut().zip(value) {
                V::load(out).add_product(V::splat(weight), V::load_half(value)).store(out);
            }
            for (out, &value) in out_rest.iter_mut().zip(value_rest) {
                *out = weight.mul_add(widen(value), *out);
            }
        }
    }
}

/// The sums of the lanes of some vectors, to their places in `scores`.
#[inline(always)]
fn add_up<V: Vector>(vectors: [V; LANES], targets: &[usize], scores: &mut [f32]) {
    let mut sums = [0.0; LANES];
    V::sums(vectors).store(&mut sums);
    for (&target, sum) in targets.iter().zip(sums) {
        scores[target] = sum;
    }
}

/// Attention of some rows over one source, see [`super::Kernel::attend_source`].
#[inline(always)]
pub fn attend_source<V: Vector>(
    queries: &[f32],
    query_stride: usize,
    source: Source,
    scores: &mut [f32],
    out: &mut [f32],
) {
    with_head!(source.width() / source.heads, attend_source_of::<V>(queries, query_stride, source, scores, out));
}

#[inline(always)]
fn attend_source_of<V: Vector>(
    head: usize,
    queries: &[f32],
    query_stride: usize,
    source: Source,
    scores: &mut [f32],
    out: &mut [f32],
) {
    let width = source.width();
    let rows = out.len() / width;
    // Heads outermost, so that the keys and values of one are read from the nearest cache.
    for column in (0..width).step_by(head) {
        let mut row = 0;
        while row < rows {
            let (queries, out) = (&queries[row * query_stride..], &mut out[row * width..]);
            if row + QUERIES <= rows {
                attend_rows::<V, QUERIES>(head, column, queries, query_stride, source, scores, out);
                row += QUERIES;
            } else {
                attend_rows::<V, 1>(head, column, queries, query_stride, source, scores, out);
                row += 1;
            }
        }
    }
}

/// One head of `R` rows. A row's sums run in the same order whatever `R` is, and whatever the padding of the keys.
#[inline(always)]
fn attend_rows<V: Vector, const R: usize>(
    head: usize,
    column: usize,
    queries: &[f32],
    query_stride: usize,
    source: Source,
    scores: &mut [f32],
    out: &mut [f32],
) {
    let (count, stride, width) = (source.count, source.stride(), source.width());
    let keys = &source.keys[column * stride..][..head * stride];
    let values = &source.values[column * count..][..head * count];
    let queries: [&[f32]; R] = std::array::from_fn(|r| &queries[r * query_stride + column..][..head]);
    let mut first = 0;
    while first < stride {
        if first + 2 * LANES <= stride {
            score::<V, R, 2>(queries, keys, stride, first, scores);
            first += 2 * LANES;
        } else {
            score::<V, R, 1>(queries, keys, stride, first, scores);
            first += LANES;
        }
    }
    for scores in scores.chunks_exact_mut(stride).take(R) {
        softmax(scores, count);
    }
    let scores: [&[f32]; R] = std::array::from_fn(|r| &scores[r * stride..][..count]);
    let mut first = 0;
    while first + LANES <= head {
        let out = &mut out[column + first..];
        if first + 4 * LANES <= head {
            weigh::<V, R, 4>(scores, values, head, first, width, out);
            first += 4 * LANES;
        } else {
            weigh::<V, R, 1>(scores, values, head, first, width, out);
            first += LANES;
        }
    }
    for i in first..head {
        for (r, scores) in scores.iter().enumerate() {
            let weighted = scores.iter().zip(values.chunks_exact(head));
            out[r * width + column + i] =
                weighted.fold(0.0, |sum, (&score, values)| score.mul_add(widen(values[i]), sum));
        }
    }
}

/// Scores of `B` · [`LANES`] positions from `first` on.
#[inline(always)]
fn score<V: Vector, const R: usize, const B: usize>(
    queries: [&[f32]; R],
    keys: &[bf16],
    stride: usize,
    first: usize,
    scores: &mut [f32],
) {
    let mut sums = [[V::splat(0.0); B]; R];
    for (i, keys) in keys.chunks_exact(stride).enumerate() {
        let Some(keys) = keys[first..].as_chunks::<LANES>().0.first_chunk::<B>() else { continue };
        for (sums, query) in sums.iter_mut().zip(queries) {
            let x = V::splat(query[i]);
            for (sum, key) in sums.iter_mut().zip(keys) {
                *sum = sum.add_product(x, V::load_half(key));
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (sum, scores) in sums.iter().zip(scores[r * stride + first..].as_chunks_mut().0) {
            sum.store(scores);
        }
    }
}

/// Columns `first` to `first` + `B` · [`LANES`] of the values' weighted sums, to the start of `out`.
#[inline(always)]
fn weigh<V: Vector, const R: usize, const B: usize>(
    weights: [&[f32]; R],
    values: &[bf16],
    head: usize,
    first: usize,
    width: usize,
    out: &mut [f32],
) {
    let mut sums = [[V::splat(0.0); B]; R];
    for (place, values) in values.chunks_exact(head).enumerate() {
        let Some(values) = values[first..].as_chunks::<LANES>().0.first_chunk::<B>() else { continue };
        for (sums, weights) in sums.iter_mut().zip(weights) {
            let weight = V::splat(weights[place]);
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum = sum.add_product(weight, V::load_half(value));
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        for (sum, out) in sums.iter().zip(out[r * width..].as_chunks_mut().0) {
            sum.store(out);
        }
    }
}
