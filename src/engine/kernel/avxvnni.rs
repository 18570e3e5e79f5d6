//! AVX-VNNI: as AVX-512 with VNNI, in registers of 8 lanes.

use std::arch::x86_64::*;

use super::PANEL;
use super::avx2::Lanes;
use super::portable::{Sums, TileInput};

super::compile_for!(#[target_feature(enable = "avx2,fma,avxvnni")]);

#[target_feature(enable = "avx2,fma,avxvnni")]
fn tile<const R: usize>(input: TileInput, sums: &mut Sums) {
    let (panel, rows, stride) = (input.panel.as_ptr(), input.rows.as_ptr(), input.stride);
    // A quarter of the panel at a time: 2 registers of sums for each of 6 rows fit the 16 there are.
    for quarter in 0..4 {
        let mut totals = [[_mm256_setzero_si256(); 2]; R];
        for (totals, &sum) in totals.iter_mut().zip(input.row_sums) {
            *totals = [_mm256_set1_epi32(-128 * sum); 2];
        }
        for group in 0..input.groups() {
            let mut weights = [_mm256_setzero_si256(); 2];
            for (index, weights) in weights.iter_mut().enumerate() {
                // SAFETY: the panel holds groups of 4 · PANEL bytes, a quarter of each is 64.
                *weights =
                    unsafe { _mm256_loadu_si256(panel.add(group * 4 * PANEL + quarter * 64 + index * 32).cast()) };
            }
            for (r, totals) in totals.iter_mut().enumerate() {
                // SAFETY: `Kernel::multiply` checks that each row has at least 4 · groups values.
                let x = unsafe { rows.add(r * stride + 4 * group).cast::<i32>().read_unaligned() };
                let x = _mm256_set1_epi32(x);
                for (total, &weights) in totals.iter_mut().zip(&weights) {
                    *total = _mm256_dpbusd_avx_epi32(*total, weights, x);
                }
            }
        }
        for (totals, sums) in totals.iter().zip(sums.iter_mut()) {
            for (&total, sums) in totals.iter().zip(sums[quarter * 16..].as_chunks_mut::<8>().0) {
                // SAFETY: `sums` has 8 lanes of 32 bits.
                unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), total) };
            }
        }
    }
}
