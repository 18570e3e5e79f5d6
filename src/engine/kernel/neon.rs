//! NEON with the dot product extension: four signed products and their sum in each of 4 lanes.

use std::arch::aarch64::*;
use std::arch::asm;

use half::bf16;

use super::PANEL;
use super::portable::{LANES, Sums, TileInput, Vector};

super::compile_for!(#[target_feature(enable = "neon,dotprod")]);

/// sum + the products of four neighbouring bytes, lane by lane (SDOT; its intrinsic is not stable yet).
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn dot(mut sum: int32x4_t, weights: int8x16_t, x: int8x16_t) -> int32x4_t {
    // SAFETY: reads and writes the named registers only.
    unsafe {
        asm!("sdot {0:v}.4s, {1:v}.16b, {2:v}.16b", inout(vreg) sum, in(vreg) weights, in(vreg) x,
            options(pure, nomem, nostack, preserves_flags));
    }
    sum
}

#[target_feature(enable = "neon,dotprod")]
fn tile<const R: usize>(input: TileInput, sums: &mut Sums) {
    let (panel, rows, stride) = (input.panel.as_ptr(), input.rows.as_ptr(), input.stride);
    // A quarter of the panel at a time: 4 registers of sums for each of 6 rows fit the 32 there are.
    for quarter in 0..4 {
        let mut totals = [[vdupq_n_s32(0); 4]; R];
        for group in 0..input.groups() {
            let mut weights = [vdupq_n_s8(0); 4];
            for (index, weights) in weights.iter_mut().enumerate() {
                // SAFETY: the panel holds groups of 4 · PANEL bytes, a quarter of each is 64.
                let bytes = unsafe { vld1q_u8(panel.add(group * 4 * PANEL + quarter * 64 + index * 16)) };
                *weights = vreinterpretq_s8_u8(veorq_u8(bytes, vdupq_n_u8(0x80)));
            }
            for (r, totals) in totals.iter_mut().enumerate() {
                // SAFETY: `Kernel::multiply` checks that each row has at least 4 · groups values.
                let x = unsafe { rows.add(r * stride + 4 * group).cast::<i32>().read_unaligned() };
                let x = vreinterpretq_s8_s32(vdupq_n_s32(x));
                for (total, &weights) in totals.iter_mut().zip(&weights) {
                    *total = dot(*total, weights, x);
                }
            }
        }
        for (totals, sums) in totals.iter().zip(sums.iter_mut()) {
            for (&total, sums) in totals.iter().zip(sums[quarter * 16..].as_chunks_mut::<4>().0) {
                // SAFETY: `sums` has 4 lanes of 32 bits.
                unsafe { vst1q_s32(sums.as_mut_ptr(), total) };
            }
        }
    }
}

/// Four registers of 4 lanes.
#[derive(Clone, Copy)]
struct Lanes([float32x4_t; 4]);

// SAFETY of all methods: they are inlined into functions compiled for this instruction set, which run only where it is.
impl Vector for Lanes {
    const ACCUMULATORS: usize = 4;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        // SAFETY: as above.
        Self([unsafe { vdupq_n_f32(x) }; 4])
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        // SAFETY: as above; four times 4 lanes are read.
        Self(std::array::from_fn(|quarter| unsafe { vld1q_f32(from.as_ptr().add(4 * quarter)) }))
    }

    #[inline(always)]
    fn load_half(from: &[bf16; LANES]) -> Self {
        // SAFETY: as above; four times 4 lanes of 16 bits are read.
        Self(std::array::from_fn(|quarter| unsafe {
            vreinterpretq_f32_u32(vshll_n_u16::<16>(vld1_u16(from.as_ptr().add(4 * quarter).cast())))
        }))
    }

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        for (quarter, lanes) in self.0.into_iter().enumerate() {
            // SAFETY: as above; four times 4 lanes are written.
            unsafe { vst1q_f32(to.as_mut_ptr().add(4 * quarter), lanes) };
        }
    }

    #[inline(always)]
    fn add_product(self, a: Self, b: Self) -> Self {
        // SAFETY: as above.
        Self(std::array::from_fn(|quarter| unsafe { vfmaq_f32(self.0[quarter], a.0[quarter], b.0[quarter]) }))
    }

    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // SAFETY: as above. The instruction for a maximum yields what is no number; a comparison does not.
        Self(std::array::from_fn(|quarter| unsafe {
            let (a, b) = (self.0[quarter], other.0[quarter]);
            vbslq_f32(vcgtq_f32(b, a), b, a)
        }))
    }

    #[inline(always)]
    fn sum(self) -> f32 {
        let [a, b, c, d] = self.0;
        // SAFETY: as above.
        unsafe {
            let four = vaddq_f32(vaddq_f32(a, c), vaddq_f32(b, d));
            let two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
            vget_lane_f32::<0>(two) + vget_lane_f32::<1>(two)
        }
    }
}
