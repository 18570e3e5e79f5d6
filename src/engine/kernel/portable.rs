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
pub fn quantise<V: Vector>(row: &[f32], shift: i32, out: &mut [i8]) -> (f32, i32) {
    // What the largest integer stands for, 127 + shift steps.
    let steps = (127 + shift) as f32;
    let below = largest(row, 0.0, |x: V| V::splat(0.0).add_product(x, V::splat(-1.0)));
    let largest = greater(largest(row, 0.0, |x: V| x), below * (steps / (127 - shift) as f32));
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
    /// How many of them stay in registers besides what is added to them.
    const ACCUMULATORS: usize;

    fn splat(x: f32) -> Self;
    fn load(from: &[f32; LANES]) -> Self;
    /// Widens, which is exact.
    fn load_half(from: &[bf16; LANES]) -> Self;
    fn store(self, to: &mut [f32; LANES]);
    /// self + a · b, rounded once.
    fn add_product(self, a: Self, b: Self) -> Self;
    /// The greater in each lane, that of `self` where the other is no number.
    fn max(self, other: Self) -> Self;
    /// The sum of the lanes: the upper half is added to the lower until one is left.
    fn sum(self) -> f32;

    /// The lanes that are greater than those of `other`, a bit each.
    #[inline(always)]
    fn above(self, other: Self) -> u16 {
        let [mut these, mut others] = [[0.0; LANES]; 2];
        self.store(&mut these);
        other.store(&mut others);
        (0..LANES).fold(0, |bits, lane| bits | u16::from(these[lane] > others[lane]) << lane)
    }

    /// The greatest of the lanes, in the order of `sum`.
    #[inline(always)]
    fn largest(self) -> f32 {
        let mut lanes = [0.0; LANES];
        self.store(&mut lanes);
        tree(lanes, greater)
    }

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
    const ACCUMULATORS: usize = 4;

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
    fn max(self, other: Self) -> Self {
        std::array::from_fn(|lane| greater(self[lane], other[lane]))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        tree(self, |a, b| a + b)
    }
}

/// The sum of a slice's values, mapped, in [`LANES`] partial sums.
#[inline(always)]
fn sum<V: Vector>(values: &[f32], map: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += map(x);
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(rest) {
        *lane += map(x);
    }
    V::load(&lanes).sum()
}

/// The greatest of a slice's values, mapped, and `least`; what is no number does not count.
#[inline(always)]
fn largest<V: Vector>(values: &[f32], least: f32, map: impl Fn(V) -> V) -> f32 {
    // Of maxima the order is of no account, and four at a time need not wait for each other.
    let mut lanes = [V::splat(least); 4];
    let (chunks, rest) = values.as_chunks::<LANES>();
    let (fours, chunks) = chunks.as_chunks::<4>();
    for four in fours {
        for (lanes, chunk) in lanes.iter_mut().zip(four) {
            *lanes = lanes.max(map(V::load(chunk)));
        }
    }
    for (lanes, chunk) in lanes.iter_mut().zip(chunks) {
        *lanes = lanes.max(map(V::load(chunk)));
    }
    let [mut first, second, third, fourth] = lanes;
    if !rest.is_empty() {
        let mut chunk = [f32::NAN; LANES];
        chunk[..rest.len()].copy_from_slice(rest);
        first = first.max(map(V::load(&chunk)));
    }
    first.max(second).max(third.max(fourth)).largest()
}

#[inline(always)]
fn tree(lanes: [f32; LANES], fold: impl Fn(f32, f32) -> f32) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|i| fold(lanes[i], lanes[i + 8]));
    let four: [f32; 4] = std::array::from_fn(|i| fold(eight[i], eight[i + 4]));
    fold(fold(four[0], four[2]), fold(four[1], four[3]))
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
pub fn maximum<V: Vector>(values: &[f32]) -> f32 {
    largest(values, f32::NEG_INFINITY, |x: V| x)
}

/// Which of up to 64 values are greater than `bound`, a bit each.
#[inline(always)]
pub fn above<V: Vector>(values: &[f32], bound: f32) -> u64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut bits = 0;
    for (index, chunk) in chunks.iter().enumerate() {
        bits |= u64::from(V::load(chunk).above(V::splat(bound))) << (index * LANES);
    }
    for (index, &x) in (chunks.len() * LANES..).zip(rest) {
        bits |= u64::from(x > bound) << index;
    }
    bits
}

/// Σ exp(x - offset).
#[inline(always)]
pub fn sum_exp<V: Vector>(values: &[f32], offset: f32) -> f32 {
    sum::<V>(values, |x| exp(x - offset))
}

/// hidden = layer norm of (hidden + delta), with torch's default epsilon.
#[inline(always)]
pub fn add_norm<V: Vector>(hidden: &mut [f32], delta: &[f32], gain: &[f32], bias: &[f32]) {
    const EPSILON: f32 = 1e-5;
    for (x, &delta) in hidden.iter_mut().zip(delta) {
        *x += delta;
    }
    let count = hidden.len() as f32;
    let mean = sum::<V>(hidden, |x| x) / count;
    let variance = sum::<V>(hidden, |x| (x - mean) * (x - mean)) / count;
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

/// Added to a vector, the n-th of these leaves all but its last n lanes.
static WITHOUT_LAST: [[f32; LANES]; LANES] = {
    let mut vectors = [[0.0; LANES]; LANES];
    let mut count = 1;
    while count < LANES {
        let mut lane = LANES - count;
        while lane < LANES {
            vectors[count][lane] = f32::NEG_INFINITY;
            lane += 1;
        }
        count += 1;
    }
    vectors
};

/// Softmax in place of the first `count` scores of each of `R` rows, `stride` apart, which is `count` rounded up to whole
/// vectors; the rest of a row is of no account: it becomes e^-87 at most, which changes no sum that contains the 1 of the
/// largest.
#[inline(always)]
fn softmax<V: Vector, const R: usize>(scores: &mut [f32], stride: usize, count: usize) {
    // All rows at each step, so that they need not wait for each other.
    let mut largest = [0.0; R];
    for (largest, row) in largest.iter_mut().zip(scores.chunks_exact_mut(stride)) {
        if let Some(last) = row.as_chunks_mut::<LANES>().0.last_mut() {
            // All lanes are written: a store of some would hold up the next load of all.
            V::load(&WITHOUT_LAST[stride - count]).add_product(V::load(last), V::splat(1.0)).store(last);
        }
        *largest = maximum::<V>(row);
    }
    let mut factors = [0.0; R];
    for ((factor, row), largest) in factors.iter_mut().zip(scores.chunks_exact_mut(stride)).zip(largest) {
        let mut lanes = [0.0; LANES];
        for chunk in row.as_chunks_mut::<LANES>().0 {
            for (lane, score) in lanes.iter_mut().zip(chunk) {
                *score = exp(*score - largest);
                *lane += *score;
            }
        }
        *factor = 1.0 / V::load(&lanes).sum();
    }
    for (row, factor) in scores.chunks_exact_mut(stride).zip(factors) {
        for chunk in row.as_chunks_mut::<LANES>().0 {
            for score in chunk {
                *score *= factor;
            }
        }
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
    // Whole rows are read in turn, as memory likes it, and their sums wait until there are enough to be added up together.
    let (mut waiting, mut targets, mut count) = ([V::splat(0.0); LANES], [0; LANES], 0);
    for (place, &slot) in slots.iter().enumerate() {
        if let Some(&slot) = slots.get(place + AHEAD) {
            V::fetch(&past[slot as usize * 2 * width..][..2 * width]);
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
    for scores in scores.chunks_mut(QUERIES * stride) {
        if scores.len() == QUERIES * stride {
            softmax::<V, QUERIES>(scores, stride, slots.len());
        } else {
            scores.chunks_exact_mut(stride).for_each(|scores| softmax::<V, 1>(scores, stride, slots.len()));
        }
    }
    let at = |place: usize| slots[place] as usize * 2 * width;
    let mut column = 0;
    while column < width {
        let (values, scores, out) = (&past[width + column..], &scores[column / head * stride..], &mut out[column..]);
        if column + QUERIES * head <= width {
            let weights = slices(scores, stride, slots.len());
            let values = slices(values, head, values.len() - (QUERIES - 1) * head);
            weigh_head::<V, QUERIES, QUERIES>(head, weights, values, at, out, head);
            column += QUERIES * head;
        } else {
            weigh_head::<V, 1, 1>(head, [&scores[..slots.len()]], [values], at, out, head);
            column += head;
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
    let (count, stride, width) = (source.count, source.stride(), source.width());
    let rows = out.len() / width;
    let keys = |column: usize| &source.keys[column * stride..];
    let values = |column: usize| &source.values[column * count..];
    // Heads outermost, so that the keys and values of one are read from the nearest cache.
    let whole = rows - rows % QUERIES;
    let pairs = if V::ACCUMULATORS >= 4 * QUERIES { rows - rows % 2 } else { whole };
    for column in (0..width).step_by(head) {
        let (keys, values) = ([&keys(column)[..head * stride]], [&values(column)[..head * count]]);
        for row in (0..whole).step_by(QUERIES) {
            let queries = slices(&queries[row * query_stride + column..], query_stride, head);
            attend::<V, QUERIES, 1>(queries, keys, values, count, scores, &mut out[row * width + column..], width);
        }
        for row in (whole..pairs).step_by(2) {
            let queries = slices(&queries[row * query_stride + column..], query_stride, head);
            attend::<V, 2, 1>(queries, keys, values, count, scores, &mut out[row * width + column..], width);
        }
    }
    // A row alone takes several heads at once.
    for row in pairs..rows {
        let (query, out) = (&queries[row * query_stride..][..width], &mut out[row * width..]);
        let several = if V::ACCUMULATORS >= 4 * QUERIES { width - width % (QUERIES * head) } else { 0 };
        for column in (0..several).step_by(QUERIES * head) {
            let queries = slices(&query[column..], head, head);
            let keys = slices(keys(column), head * stride, head * stride);
            let values = slices(values(column), head * count, head * count);
            attend::<V, QUERIES, QUERIES>(queries, keys, values, count, scores, &mut out[column..], head);
        }
        for column in (several..width).step_by(head) {
            let (keys, values) = ([&keys(column)[..head * stride]], [&values(column)[..head * count]]);
            attend::<V, 1, 1>([&query[column..][..head]], keys, values, count, scores, &mut out[column..], head);
        }
    }
}

/// Attention of `R` queries of one head each over `count` positions; their outputs are `out_stride` apart. Their keys and
/// values are all the same (`S` is 1) or each its own (`S` is `R`).
///
/// The sums of a query run in the same order whatever `R` and `S` are.
#[inline(always)]
fn attend<V: Vector, const R: usize, const S: usize>(
    queries: [&[f32]; R],
    keys: [&[bf16]; S],
    values: [&[bf16]; S],
    count: usize,
    scores: &mut [f32],
    out: &mut [f32],
    out_stride: usize,
) {
    let head = queries[0].len();
    let stride = keys[0].len() / head;
    let mut first = 0;
    while first < stride {
        // Many sums at once, so that none has to be waited for.
        if 4 * R <= V::ACCUMULATORS && first + 4 * LANES <= stride {
            score::<V, R, S, 4>(queries, keys, stride, first, scores);
            first += 4 * LANES;
        } else if first + 2 * LANES <= stride {
            score::<V, R, S, 2>(queries, keys, stride, first, scores);
            first += 2 * LANES;
        } else {
            score::<V, R, S, 1>(queries, keys, stride, first, scores);
            first += LANES;
        }
    }
    softmax::<V, R>(scores, stride, count);
    weigh_head::<V, R, S>(head, slices(scores, stride, count), values, |place| place * head, out, out_stride);
}

/// Scores of `B` · [`LANES`] positions from `first` on.
#[inline(always)]
fn score<V: Vector, const R: usize, const S: usize, const B: usize>(
    queries: [&[f32]; R],
    keys: [&[bf16]; S],
    stride: usize,
    first: usize,
    scores: &mut [f32],
) {
    let mut sums = [[V::splat(0.0); B]; R];
    for i in 0..queries[0].len() {
        add_products(&mut sums, queries, i, keys, i * stride + first);
    }
    for (r, sums) in sums.iter().enumerate() {
        for (sum, scores) in sums.iter().zip(scores[r * stride + first..].as_chunks_mut().0) {
            sum.store(scores);
        }
    }
}

/// Sums of the values of a head, weighted for each of `R` outputs; those of a place begin where `at` says in each slice.
#[inline(always)]
fn weigh_head<V: Vector, const R: usize, const S: usize>(
    head: usize,
    weights: [&[f32]; R],
    values: [&[bf16]; S],
    at: impl Fn(usize) -> usize,
    out: &mut [f32],
    out_stride: usize,
) {
    let mut first = 0;
    while first + LANES <= head {
        if first + 4 * LANES <= head {
            weigh::<V, R, S, 4>(weights, values, |place| at(place) + first, &mut out[first..], out_stride);
            first += 4 * LANES;
        } else {
            weigh::<V, R, S, 1>(weights, values, |place| at(place) + first, &mut out[first..], out_stride);
            first += LANES;
        }
    }
    for column in first..head {
        for (r, weights) in weights.iter().enumerate() {
            let value = |place| widen(values[r % S][at(place) + column]);
            let weighted = weights.iter().enumerate();
            out[r * out_stride + column] =
                weighted.fold(0.0, |sum, (place, &weight)| weight.mul_add(value(place), sum));
        }
    }
}

/// Weighted sums of `B` vectors of values, to the start of each output.
#[inline(always)]
fn weigh<V: Vector, const R: usize, const S: usize, const B: usize>(
    weights: [&[f32]; R],
    values: [&[bf16]; S],
    at: impl Fn(usize) -> usize,
    out: &mut [f32],
    out_stride: usize,
) {
    let mut sums = [[V::splat(0.0); B]; R];
    for place in 0..weights[0].len() {
        add_products(&mut sums, weights, place, values, at(place));
    }
    for (r, sums) in sums.iter().enumerate() {
        for (sum, out) in sums.iter().zip(out[r * out_stride..].as_chunks_mut().0) {
            sum.store(out);
        }
    }
}

/// `R` slices of this length, `stride` apart. (Not by `array::from_fn`, which stays a call in functions for an instruction set.)
#[inline(always)]
fn slices<T, const R: usize>(values: &[T], stride: usize, length: usize) -> [&[T]; R] {
    let mut slices: [&[T]; R] = [&[]; R];
    for (r, slice) in slices.iter_mut().enumerate() {
        *slice = &values[r * stride..][..length];
    }
    slices
}

/// Adds to the sums of each row its factor at `place`, times `B` vectors of its slice, from `first` on.
#[inline(always)]
fn add_products<V: Vector, const R: usize, const S: usize, const B: usize>(
    sums: &mut [[V; B]; R],
    factors: [&[f32]; R],
    place: usize,
    slices: [&[bf16]; S],
    first: usize,
) {
    let mut blocks: [&[[bf16; LANES]]; S] = [&[]; S];
    for (blocks, slice) in blocks.iter_mut().zip(&slices) {
        *blocks = slice[first..][..B * LANES].as_chunks().0;
    }
    // Where registers are few, vectors are better loaded where they are needed, though some more than once.
    if V::ACCUMULATORS >= 4 * QUERIES {
        let mut vectors = [[V::splat(0.0); B]; S];
        for (vectors, blocks) in vectors.iter_mut().zip(&blocks) {
            for (vector, block) in vectors.iter_mut().zip(*blocks) {
                *vector = V::load_half(block);
            }
        }
        for (r, (sums, factors)) in sums.iter_mut().zip(&factors).enumerate() {
            let factor = V::splat(factors[place]);
            for (sum, &vector) in sums.iter_mut().zip(&vectors[r % S]) {
                *sum = sum.add_product(factor, vector);
            }
        }
    } else {
        let mut splat = [V::splat(0.0); R];
        for (splat, factors) in splat.iter_mut().zip(&factors) {
            *splat = V::splat(factors[place]);
        }
        for block in 0..B {
            for (r, (sums, &factor)) in sums.iter_mut().zip(&splat).enumerate() {
                sums[block] = sums[block].add_product(factor, V::load_half(&blocks[r % S][block]));
            }
        }
    }
}
