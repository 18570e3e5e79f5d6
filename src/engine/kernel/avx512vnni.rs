//! AVX-512 with VNNI: four products and their sum in each of 16 lanes, by one instruction.
//!
//! Weights are stored + 128, unsigned as the instruction wants its first factor; Σ (w + 128) x = Σ w x + 128 Σ x, so the
//! sums start at -128 Σ x and end exact.

use std::arch::x86_64::*;

use half::bf16;

use super::PANEL;
use super::portable::{LANES, Sums, TileInput, Vector};

super::compile_for!(#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")]);

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma")]
fn tile<const R: usize>(input: TileInput, sums: &mut Sums) {
    let groups = input.groups();
    let mut totals = [[_mm512_setzero_si512(); 4]; R];
    for (totals, &sum) in totals.iter_mut().zip(input.row_sums) {
        *totals = [_mm512_set1_epi32(-128 * sum); 4];
    }
    let (panel, rows, stride) = (input.panel.as_ptr(), input.rows.as_ptr(), input.stride);
    let ahead = input.next.len() / 64;
    let (mut fetched, mut due) = (0, 0);
    for group in 0..groups {
        due += ahead;
        while fetched * groups < due {
            // SAFETY: `fetched` < `ahead`, so the address lies in `next`.
            unsafe { _mm_prefetch::<_MM_HINT_T1>(input.next.as_ptr().add(fetched * 64).cast()) };
            fetched += 1;
        }
        let mut weights = [_mm512_setzero_si512(); 4];
        for (index, weights) in weights.iter_mut().enumerate() {
            // SAFETY: the panel holds `groups` groups of 4 · PANEL = 256 bytes.
            *weights = unsafe { _mm512_loadu_si512(panel.add(group * 4 * PANEL + index * 64).cast()) };
        }
        for (r, totals) in totals.iter_mut().enumerate() {
            // SAFETY: `Kernel::multiply` checks that each row has at least 4 · groups values.
            let x = unsafe { rows.add(r * stride + 4 * group).cast::<i32>().read_unaligned() };
            let x = _mm512_set1_epi32(x);
            for (total, &weights) in totals.iter_mut().zip(&weights) {
                *total = _mm512_dpbusd_epi32(*total, weights, x);
            }
        }
    }
    for (totals, sums) in totals.iter().zip(sums) {
        for (&total, sums) in totals.iter().zip(sums.as_chunks_mut::<16>().0) {
            // SAFETY: `sums` has 16 lanes of 32 bits.
            unsafe { _mm512_storeu_si512(sums.as_mut_ptr().cast(), total) };
        }
    }
}

/// One register of 16 lanes.
#[derive(Clone, Copy)]
struct Lanes(__m512);

// SAFETY of all methods: they are inlined into functions compiled for this instruction set, which run only where it is.
impl Vector for Lanes {
    const ACCUMULATORS: usize = 16;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_set1_ps(x) })
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        // SAFETY: as above; 16 lanes are read.
        Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
    }

    #[inline(always)]
    fn load_half(from: &[bf16; LANES]) -> Self {
        // SAFETY: as above; 16 lanes of 16 bits are read.
        unsafe {
            let halves = _mm512_cvtepu16_epi32(_mm256_loadu_si256(from.as_ptr().cast()));
            Self(_mm512_castsi512_ps(_mm512_slli_epi32::<16>(halves)))
        }
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        // SAFETY: as above; 16 lanes are written.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_fmadd_ps(a.0, b.0, self.0) })
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: as above. The instruction yields its second operand where one is no number.
        Self(unsafe { _mm512_max_ps(other.0, self.0) })
    }

    #[inline(always)]
    fn above(self, other: Self) -> u16 {
        // SAFETY: as above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, other.0) }
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        // SAFETY: as above.
        unsafe {
            let eight = _mm256_add_ps(_mm512_castps512_ps256(self.0), _mm512_extractf32x8_ps::<1>(self.0));
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }

    #[inline(always)]
    fn largest(self) -> f32 {
        // SAFETY: as above.
        unsafe {
            let eight = _mm256_max_ps(_mm512_extractf32x8_ps::<1>(self.0), _mm512_castps512_ps256(self.0));
            super::avx2::largest(eight)
        }
    }

    #[inline(always)]
    fn fetch(values: &[bf16]) {
        super::avx2::fetch(values);
    }

    #[inline(always)]
    fn sums(vectors: [Self; LANES]) -> Self {
        // SAFETY: as above.
        unsafe {
            // The additions of `sum`, for several vectors at once: of v0 to v15, register i of the first two steps holds parts
            // of v(i), v(i + 4), v(i + 8) and v(i + 12), a block of 128 bits each.
            let mut quarters = [_mm512_setzero_ps(); 4];
            for (i, quarter) in quarters.iter_mut().enumerate() {
                let [a, b, c, d] = [vectors[i].0, vectors[i + 4].0, vectors[i + 8].0, vectors[i + 12].0];
                let ab = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
                let cd = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xee>(c, d));
                *quarter = _mm512_add_ps(_mm512_shuffle_f32x4::<0x88>(ab, cd), _mm512_shuffle_f32x4::<0xdd>(ab, cd));
            }
            let [a, b, c, d] = quarters;
            let ab = _mm512_add_ps(_mm512_shuffle_ps::<0x44>(a, b), _mm512_shuffle_ps::<0xee>(a, b));
            let cd = _mm512_add_ps(_mm512_shuffle_ps::<0x44>(c, d), _mm512_shuffle_ps::<0xee>(c, d));
            Self(_mm512_add_ps(_mm512_shuffle_ps::<0x88>(ab, cd), _mm512_shuffle_ps::<0xdd>(ab, cd)))
        }
    }
}
