//! AVX2: bytes multiplied in pairs to 16 bits, pairs of those added to 32.
//!
//! The byte product takes one unsigned factor, the weights + 128 as they are stored, and saturates: (w + 128) x of two
//! inputs, w + 128 being from 1 to 255, is sure to fit 16 bits only while |x + x'| is at most 128. Pairs beyond that, a few
//! in a hundred, are halved, and their other halves are multiplied apart, so that sums are exact.
//! Σ (w + 128) x = Σ w x + 128 Σ x, as in `avx512vnni`.

use std::arch::x86_64::*;
use std::cell::RefCell;

use half::bf16;

use super::portable::{LANES, Sums, TileInput, Vector};
use super::{Matrix, PANEL, Rows};

super::compile_for!(
    #[target_feature(enable = "avx2,fma")]
    multiply = multiply_halved
);

/// Rows of a tile: two registers of sums for each, the weights, the inputs and the constant fit 16 registers.
const TALLEST: usize = 5;

/// Four inputs of a row that are multiplied apart: the other halves of pairs that are too large for one product.
#[derive(Debug, Clone, Copy)]
struct Rest {
    group: usize,
    inputs: i32,
}

/// Rows whose pairs are small enough, and what was taken from them.
#[derive(Debug, Default)]
struct Halved {
    values: Vec<i8>,
    rests: Vec<Rest>,
    /// Where the rests of each row begin, and the end.
    starts: Vec<usize>,
}

thread_local! {
    /// Memory of the last product: one of the next needs as much.
    static HALVED: RefCell<Halved> = RefCell::default();
}

#[target_feature(enable = "avx2,fma")]
fn multiply_halved(x: Rows, matrix: Matrix, panels: std::ops::Range<usize>, out: &mut [f32]) {
    HALVED.with_borrow_mut(|halved| {
        halved.take(x);
        let Halved { values, rests, starts } = &*halved;
        super::portable::multiply(Rows { values, ..x }, matrix, panels, out, TALLEST, |height, input, sums| {
            tile_of(height, input, sums);
            let starts = &starts[input.first_row..];
            for (sums, range) in sums.iter_mut().zip(starts.windows(2)).take(height) {
                if range[0] < range[1] {
                    add_rests(input.panel, &rests[range[0]..range[1]], sums);
                }
            }
        });
    });
}

impl Halved {
    /// Takes over rows.
    #[target_feature(enable = "avx2,fma")]
    fn take(&mut self, x: Rows) {
        self.values.clear();
        self.values.extend_from_slice(x.values);
        self.rests.clear();
        self.starts.clear();
        for row in self.values.chunks_exact_mut(x.stride) {
            self.starts.push(self.rests.len());
            for (index, values) in row.chunks_mut(32).enumerate() {
                if values.len() == 32 && !has_large_pair(values) {
                    continue;
                }
                for (group, inputs) in (index * 8..).zip(values.as_chunks_mut::<4>().0) {
                    if let Some(inputs) = halve(inputs) {
                        self.rests.push(Rest { group, inputs });
                    }
                }
            }
        }
        self.starts.push(self.rests.len());
    }
}

/// Largest magnitude of a pair's sum. If both have one sign, 128 · 255 < 2^15; else each alone is at most 127 · 255.
const LARGEST_PAIR: i16 = 128;

/// Whether a pair of 32 values is too large for one product.
#[target_feature(enable = "avx2,fma")]
fn has_large_pair(values: &[i8]) -> bool {
    assert_eq!(values.len(), 32);
    // SAFETY: there are 32 values.
    let values = unsafe { _mm256_loadu_si256(values.as_ptr().cast()) };
    let pairs = _mm256_abs_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), values));
    _mm256_movemask_epi8(_mm256_cmpgt_epi16(pairs, _mm256_set1_epi16(LARGEST_PAIR))) != 0
}

/// Halves the pairs that are too large, and returns the other halves.
fn halve(inputs: &mut [i8; 4]) -> Option<i32> {
    let mut rest = [0i8; 4];
    for (pair, rest) in inputs.as_chunks_mut::<2>().0.iter_mut().zip(rest.as_chunks_mut::<2>().0) {
        if (i16::from(pair[0]) + i16::from(pair[1])).abs() > LARGEST_PAIR {
            for (x, rest) in pair.iter_mut().zip(rest) {
                *rest = *x / 2;
                *x -= *rest;
            }
        }
    }
    (rest != [0; 4]).then(|| i32::from_le_bytes(rest.map(|x| x as u8)))
}

/// Adds the products of a row's rests with all columns of the panel.
#[target_feature(enable = "avx2,fma")]
fn add_rests(panel: &[u8], rests: &[Rest], sums: &mut [i32; PANEL]) {
    let ones = _mm256_set1_epi16(1);
    let mut totals = [_mm256_setzero_si256(); 8];
    for rest in rests {
        let x = _mm256_set1_epi32(rest.inputs);
        let weights = panel[rest.group * 4 * PANEL..][..4 * PANEL].as_chunks::<32>().0;
        for (total, weights) in totals.iter_mut().zip(weights) {
            // SAFETY: 32 bytes are read.
            let weights = unsafe { _mm256_loadu_si256(weights.as_ptr().cast()) };
            *total = _mm256_add_epi32(*total, _mm256_madd_epi16(_mm256_maddubs_epi16(weights, x), ones));
        }
    }
    for (&total, sums) in totals.iter().zip(sums.as_chunks_mut::<8>().0) {
        // SAFETY: 8 lanes of 32 bits are read and written.
        unsafe {
            let sum = _mm256_loadu_si256(sums.as_ptr().cast());
            _mm256_storeu_si256(sums.as_mut_ptr().cast(), _mm256_add_epi32(sum, total));
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn tile<const R: usize>(input: TileInput, sums: &mut Sums) {
    // As many columns at a time as fit the registers.
    match R {
        1 => columns::<R, 8>(input, sums),
        2 => columns::<R, 4>(input, sums),
        _ => columns::<R, 2>(input, sums),
    }
}

/// A tile, `V` registers of 8 columns at a time.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn columns<const R: usize, const V: usize>(input: TileInput, sums: &mut Sums) {
    /// The next panel is fetched between as many stretches of this one.
    const STRETCHES: usize = 8;
    let (panel, rows, stride) = (input.panel.as_ptr(), input.rows.as_ptr(), input.stride);
    let ones = _mm256_set1_epi16(1);
    let groups = input.groups();
    let (stretch, passes) = (groups.div_ceil(STRETCHES), 8 / V);
    let mut next = input.next.chunks((input.next.len() / (64 * STRETCHES * passes)).max(1) * 64);
    for pass in 0..passes {
        let mut totals = [[_mm256_setzero_si256(); V]; R];
        for (totals, &sum) in totals.iter_mut().zip(input.row_sums) {
            *totals = [_mm256_set1_epi32(-128 * sum); V];
        }
        for first in (0..groups).step_by(stretch) {
            for line in next.next().unwrap_or_default().chunks(64) {
                _mm_prefetch::<_MM_HINT_T1>(line.as_ptr().cast());
            }
            for group in first..groups.min(first + stretch) {
                let mut weights = [_mm256_setzero_si256(); V];
                for (index, weights) in weights.iter_mut().enumerate() {
                    // SAFETY: the panel holds `groups` groups of 4 · PANEL bytes, 8 registers each.
                    *weights =
                        unsafe { _mm256_loadu_si256(panel.add(group * 4 * PANEL + (pass * V + index) * 32).cast()) };
                }
                for (r, totals) in totals.iter_mut().enumerate() {
                    // SAFETY: `Kernel::multiply` checks that each row has at least 4 · groups values.
                    let x = unsafe { rows.add(r * stride + 4 * group).cast::<i32>().read_unaligned() };
                    let x = _mm256_set1_epi32(x);
                    for (total, &weights) in totals.iter_mut().zip(&weights) {
                        *total = _mm256_add_epi32(*total, _mm256_madd_epi16(_mm256_maddubs_epi16(weights, x), ones));
                    }
                }
            }
        }
        for (totals, sums) in totals.iter().zip(sums.iter_mut()) {
            for (&total, sums) in totals.iter().zip(sums[pass * V * 8..].as_chunks_mut::<8>().0) {
                // SAFETY: `sums` has 8 lanes of 32 bits.
                unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), total) };
            }
        }
    }
}

/// Tells the memory that these are needed soon, a cache line of 32 at a time.
#[inline(always)]
pub fn fetch(values: &[bf16]) {
    for line in values.chunks(32) {
        // SAFETY: fetching has no effect that a program could see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
}

/// The greatest of 8 lanes.
///
/// # Safety
/// For machines with AVX.
#[inline(always)]
pub unsafe fn largest(eight: __m256) -> f32 {
    // SAFETY: the caller's.
    unsafe {
        let four = _mm_max_ps(_mm256_extractf128_ps::<1>(eight), _mm256_castps256_ps128(eight));
        let two = _mm_max_ps(_mm_movehl_ps(four, four), four);
        _mm_cvtss_f32(_mm_max_ss(_mm_movehdup_ps(two), two))
    }
}

/// Two registers of 8 lanes.
#[derive(Clone, Copy)]
pub struct Lanes(__m256, __m256);

// SAFETY of all methods: they are inlined into functions compiled for this instruction set, which run only where it is.
impl Vector for Lanes {
    const ACCUMULATORS: usize = 4;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: as above.
        unsafe { Self(_mm256_set1_ps(x), _mm256_set1_ps(x)) }
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        // SAFETY: as above; twice 8 lanes are read.
        unsafe { Self(_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))) }
    }

    #[inline(always)]
    fn load_half(from: &[bf16; LANES]) -> Self {
        // SAFETY: as above; twice 8 lanes of 16 bits are read.
        unsafe {
            let low = _mm256_cvtepu16_epi32(_mm_loadu_si128(from.as_ptr().cast()));
            let high = _mm256_cvtepu16_epi32(_mm_loadu_si128(from.as_ptr().add(8).cast()));
            let (low, high) = (_mm256_slli_epi32::<16>(low), _mm256_slli_epi32::<16>(high));
            Self(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high))
        }
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        // SAFETY: as above; twice 8 lanes are written.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), self.0);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), self.1);
        }
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as above.
        unsafe { Self(_mm256_fmadd_ps(a.0, b.0, self.0), _mm256_fmadd_ps(a.1, b.1, self.1)) }
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: as above. The instruction yields its second operand where one is no number.
        unsafe { Self(_mm256_max_ps(other.0, self.0), _mm256_max_ps(other.1, self.1)) }
    }

    #[inline(always)]
    fn above(self, other: Self) -> u16 {
        // SAFETY: as above.
        unsafe {
            let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.0, other.0));
            let high = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(self.1, other.1));
            (low | high << 8) as u16
        }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: as above.
        unsafe {
            let eight = _mm256_add_ps(self.0, self.1);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: as above.
        unsafe { largest(_mm256_max_ps(self.1, self.0)) }
    }

    #[inline(always)]
    fn fetch(values: &[bf16]) {
        fetch(values);
    }

    #[inline(always)]
    fn sums(vectors: [Self; LANES]) -> Self {
        // SAFETY: as above.
        unsafe {
            // The additions of `sum`, for several vectors at once: of v0 to v7, register i of the first two steps holds parts
            // of v(i) and v(i + 4), a half each; then the same with v8 to v15.
            let mut halves = [_mm256_setzero_ps(); 8];
            for (i, half) in halves.iter_mut().enumerate() {
                let first = i % 4 + i / 4 * 8;
                let (a, b) = (vectors[first], vectors[first + 4]);
                let (a, b) = (_mm256_add_ps(a.0, a.1), _mm256_add_ps(b.0, b.1));
                *half = _mm256_add_ps(_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b));
            }
            let mut sums = [_mm256_setzero_ps(); 2];
            for (sum, &[a, b, c, d]) in sums.iter_mut().zip(halves.as_chunks().0) {
                let ab = _mm256_add_ps(_mm256_shuffle_ps::<0x44>(a, b), _mm256_shuffle_ps::<0xee>(a, b));
                let cd = _mm256_add_ps(_mm256_shuffle_ps::<0x44>(c, d), _mm256_shuffle_ps::<0xee>(c, d));
                *sum = _mm256_add_ps(_mm256_shuffle_ps::<0x88>(ab, cd), _mm256_shuffle_ps::<0xdd>(ab, cd));
            }
            Self(sums[0], sums[1])
        }
    }
}
