//! AVX2: bytes multiplied in pairs to 16 bits, pairs of those added to 32.
//!
//! The byte product takes one unsigned factor: |w| · (x with the sign of w). Two products of at most 127 · 127 stay below
//! 2^15, so nothing saturates and sums are exact.

use std::arch::x86_64::*;

use half::bf16;

use super::PANEL;
use super::portable::{LANES, Sums, TileInput, Vector};

super::compile_for!(#[target_feature(enable = "avx2")]);

#[target_feature(enable = "avx2")]
fn tile<const R: usize>(input: TileInput, sums: &mut Sums) {
    let (panel, rows, stride) = (input.panel.as_ptr(), input.rows.as_ptr(), input.stride);
    let (zero, ones) = (_mm256_set1_epi8(-128), _mm256_set1_epi16(1));
    // An eighth of the panel at a time: sums of 6 rows, the weights twice, and the constants fit 16 registers.
    for eighth in 0..8 {
        let mut totals = [_mm256_setzero_si256(); R];
        for group in 0..input.groups() {
            // SAFETY: the panel holds groups of 4 · PANEL bytes, an eighth of each is 32.
            let weights = unsafe { _mm256_loadu_si256(panel.add(group * 4 * PANEL + eighth * 32).cast()) };
            let weights = _mm256_xor_si256(weights, zero);
            let magnitudes = _mm256_abs_epi8(weights);
            for (r, total) in totals.iter_mut().enumerate() {
                // SAFETY: `Kernel::multiply` checks that each row has at least 4 · groups values.
                let x = unsafe { rows.add(r * stride + 4 * group).cast::<i32>().read_unaligned() };
                let pairs = _mm256_maddubs_epi16(magnitudes, _mm256_sign_epi8(_mm256_set1_epi32(x), weights));
                *total = _mm256_add_epi32(*total, _mm256_madd_epi16(pairs, ones));
            }
        }
        for (&total, sums) in totals.iter().zip(sums.iter_mut()) {
            let sums = &mut sums[eighth * 8..eighth * 8 + 8];
            // SAFETY: `sums` has 8 lanes of 32 bits.
            unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), total) };
        }
    }
}

/// Two registers of 8 lanes.
#[derive(Clone, Copy)]
pub struct Lanes(__m256, __m256);

// SAFETY of all methods: they are inlined into functions compiled for this instruction set, which run only where it is.
impl Vector for Lanes {
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
        unsafe {
            let (low, high) = (_mm256_mul_ps(a.0, b.0), _mm256_mul_ps(a.1, b.1));
            Self(_mm256_add_ps(self.0, low), _mm256_add_ps(self.1, high))
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
}
