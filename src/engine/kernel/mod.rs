//! Arithmetic on slices, for every instruction set: integer matrix products and the f32 operations around them.
//!
//! In: slices. Out: slices, equal bit for bit on every instruction set. Names nothing else of the crate; the only
//! intrinsics and, but for the memory map, the only `unsafe` live here. Single-threaded.
//!
//! `portable` defines every operation; the other files compile the same code for their registers and replace the inner
//! tile of the matrix product. Indices that do not fit their slices panic, as everywhere in Rust: callers make the shapes.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512vnni;
#[cfg(target_arch = "x86_64")]
mod avxvnni;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use std::ops::Range;

use half::bf16;

/// Columns of a panel of packed weights: four 512-bit registers of sums.
pub const PANEL: usize = 64;

/// Scores of attention come in multiples of this.
pub const POSITIONS: usize = 16;

/// Queries, of several rows or several heads, that attention works on at once.
pub const QUERIES: usize = 4;

/// An instruction set this machine has, which a value of this type proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Set);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

/// Names of all kernels, of this and other machines.
pub const NAMES: [&str; 5] = ["portable", "avx2", "avxvnni", "avx512vnni", "neon"];

/// Environment variable that forces a kernel.
pub const VARIABLE: &str = "TRANSLATE_KERNEL";

/// Shift for rows whose values are hardly ever below zero, as after the activation functions: nearly all the range is theirs,
/// and their integers have 175 steps above zero instead of 127. No larger: two integers of values near zero may add up
/// to -128 at least, else AVX2 has to multiply them apart.
pub const SHIFT: i32 = 48;

/// Quantised rows: values ≈ scale · (integer + shift).
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Integers from -127 to 127; rows `stride` apart, zero from the last input to a multiple of 4.
    pub values: &'a [i8],
    /// Distance of two rows, a multiple of 4.
    pub stride: usize,
    /// Scale of each row.
    pub scales: &'a [f32],
    /// Shift of all rows.
    pub shift: i32,
    /// Sum of each row's integers.
    pub sums: &'a [i32],
}

/// A packed weight matrix with its scales, sums and bias, all padded to whole panels.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// (panels, inputs / 4, [`PANEL`], 4): weight + 128, see [`pack`].
    pub panels: &'a [u8],
    /// Scale of each output.
    pub scales: &'a [f32],
    /// Sum of each output's weights.
    pub sums: &'a [i32],
    /// Bias of each output.
    pub bias: &'a [f32],
}

/// Keys and values of one sentence, in half precision: they are most of what a step reads but for the weights.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// (width, stride), the stride `count` rounded up to a multiple of [`POSITIONS`].
    pub keys: &'a [bf16],
    /// (heads, count, head)
    pub values: &'a [bf16],
    /// Positions.
    pub count: usize,
    /// Heads that the width is divided into.
    pub heads: usize,
}

impl Source<'_> {
    fn width(&self) -> usize {
        self.values.len() / self.count
    }

    fn stride(&self) -> usize {
        self.keys.len() / self.width()
    }
}

impl Matrix<'_> {
    fn panel_bytes(&self) -> usize {
        self.panels.len() / (self.scales.len() / PANEL)
    }
}

/// Bytes of a packed matrix.
pub fn packed_len(outputs: usize, inputs: usize) -> usize {
    outputs.next_multiple_of(PANEL) * inputs.next_multiple_of(4)
}

/// Writes one output's quantised weights into a packed matrix that holds 128, the zero, so far.
pub fn pack(panels: &mut [u8], inputs: usize, output: usize, weights: &[i8]) {
    let bytes = PANEL * inputs.next_multiple_of(4);
    let (panel, column) = (output / PANEL, output % PANEL);
    let panel = &mut panels[panel * bytes..(panel + 1) * bytes];
    for (group, weights) in panel.chunks_exact_mut(4 * PANEL).zip(weights.chunks(4)) {
        for (byte, &weight) in group[4 * column..].iter_mut().zip(weights) {
            *byte = weight as u8 ^ 0x80;
        }
    }
}

/// Compiles the operations of [`portable`] with an attribute that enables an instruction set; the enclosing module has the
/// `tile` and the `Lanes` of it, and, when it is not the portable one, the name of its own `multiply`.
macro_rules! compile_for {
    (#[$attribute:meta]) => {
        $crate::engine::kernel::compile_for! { #[$attribute] multiply = multiply_plainly }

        #[$attribute]
        fn multiply_plainly(
            x: $crate::engine::kernel::Rows,
            matrix: $crate::engine::kernel::Matrix,
            panels: std::ops::Range<usize>,
            out: &mut [f32],
        ) {
            use $crate::engine::kernel::portable;
            portable::multiply(x, matrix, panels, out, portable::TILE, |height, input, sums| {
                tile_of(height, input, sums)
            });
        }
    };
    (#[$attribute:meta] multiply = $multiply:ident) => {
        $crate::engine::kernel::compile_for! { #[$attribute]
            quantise::<Lanes>(row: &[f32], shift: i32, out: &mut [i8]) -> (f32, i32);
            maximum::<Lanes>(values: &[f32]) -> f32;
            above::<Lanes>(values: &[f32], bound: f32) -> u64;
            sum_exp::<Lanes>(values: &[f32], offset: f32) -> f32;
            add_norm::<Lanes>(hidden: &mut [f32], delta: &[f32], gain: &[f32], bias: &[f32]) -> ();
            narrow(values: &[f32], out: &mut [half::bf16]) -> ();
            swish(values: &mut [f32]) -> ();
            relu(values: &mut [f32]) -> ();
            gelu(values: &mut [f32]) -> ();
            gelu_tanh(values: &mut [f32]) -> ();
        }

        #[$attribute]
        pub fn attend_past(
            query: &[f32],
            past: &[half::bf16],
            slots: &[u32],
            heads: usize,
            scores: &mut [f32],
            out: &mut [f32],
        ) {
            $crate::engine::kernel::portable::attend_past::<Lanes>(query, past, slots, heads, scores, out);
        }

        #[$attribute]
        pub fn attend_source(
            queries: &[f32],
            query_stride: usize,
            source: $crate::engine::kernel::Source,
            scores: &mut [f32],
            out: &mut [f32],
        ) {
            $crate::engine::kernel::portable::attend_source::<Lanes>(queries, query_stride, source, scores, out);
        }

        /// A tile of this many rows.
        #[$attribute]
        fn tile_of(
            height: usize,
            input: $crate::engine::kernel::portable::TileInput,
            sums: &mut $crate::engine::kernel::portable::Sums,
        ) {
            match height {
                1 => tile::<1>(input, sums),
                2 => tile::<2>(input, sums),
                3 => tile::<3>(input, sums),
                4 => tile::<4>(input, sums),
                5 => tile::<5>(input, sums),
                _ => tile::<6>(input, sums),
            }
        }

        #[$attribute]
        pub fn multiply(
            x: $crate::engine::kernel::Rows,
            matrix: $crate::engine::kernel::Matrix,
            panels: std::ops::Range<usize>,
            out: &mut [f32],
        ) {
            $multiply(x, matrix, panels, out);
        }
    };
    (#[$attribute:meta] $($name:ident$(::<$lanes:ident>)?($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            #[$attribute]
            pub fn $name($($argument: $type),*) -> $result {
                $crate::engine::kernel::portable::$name$(::<$lanes>)?($($argument),*)
            }
        )*
    };
}
use compile_for;

/// Calls an operation in the version of the chosen instruction set.
macro_rules! call {
    ($kernel:expr, $name:ident($($argument:expr),*)) => {
        match $kernel.0 {
            Set::Portable => baseline::$name($($argument),*),
            // SAFETY: a `Kernel` is only made for an instruction set that was detected on this machine.
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => unsafe { avx2::$name($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::AvxVnni => unsafe { avxvnni::$name($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Set::Avx512Vnni => unsafe { avx512vnni::$name($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Set::Neon => unsafe { neon::$name($($argument),*) },
        }
    };
}

/// The portable operations with the signatures of the other sets: every machine has no features at all.
mod baseline {
    use super::portable::{LANES, tile};

    type Lanes = [f32; LANES];

    super::compile_for!(#[inline]);
}

impl Kernel {
    /// Plain Rust, which every machine runs.
    pub const PORTABLE: Self = Self(Set::Portable);

    /// All kernels this machine has, the fastest last.
    pub fn available() -> Vec<Self> {
        let mut kernels = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                kernels.push(Self(Set::Avx2));
                if is_x86_feature_detected!("avxvnni") {
                    kernels.push(Self(Set::AvxVnni));
                }
            }
            if is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vnni")
                && is_x86_feature_detected!("fma")
            {
                kernels.push(Self(Set::Avx512Vnni));
            }
        }
        #[cfg(target_arch = "aarch64")]
        if std::arch::is_aarch64_feature_detected!("neon") && std::arch::is_aarch64_feature_detected!("dotprod") {
            kernels.push(Self(Set::Neon));
        }
        kernels
    }

    /// The fastest kernel of this machine.
    pub fn detect() -> Self {
        Self::available().pop().unwrap_or(Self::PORTABLE)
    }

    /// The kernel of this name, one of [`NAMES`], if this machine has it.
    pub fn named(name: &str) -> Option<Self> {
        Self::available().into_iter().find(|kernel| kernel.name() == name)
    }

    /// The kernel that the environment variable `TRANSLATE_KERNEL` names, else the fastest.
    ///
    /// # Errors
    /// A sentence, when this machine lacks the named one.
    pub fn from_environment() -> Result<Self, String> {
        let Some(name) = std::env::var_os(VARIABLE) else { return Ok(Self::detect()) };
        let name = name.to_string_lossy();
        Self::named(&name).ok_or_else(|| {
            let names: Vec<&str> = Self::available().into_iter().map(Self::name).collect();
            format!("{name} is not available here; this machine has {}", names.join(", "))
        })
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Portable => NAMES[0],
            #[cfg(target_arch = "x86_64")]
            Set::Avx2 => NAMES[1],
            #[cfg(target_arch = "x86_64")]
            Set::AvxVnni => NAMES[2],
            #[cfg(target_arch = "x86_64")]
            Set::Avx512Vnni => NAMES[3],
            #[cfg(target_arch = "aarch64")]
            Set::Neon => NAMES[4],
        }
    }

    /// Quantises a row to -127..=127; returns its scale (x ≈ scale · (q + shift)) and the sum of the integers.
    pub fn quantise(self, row: &[f32], shift: i32, out: &mut [i8]) -> (f32, i32) {
        call!(self, quantise(row, shift, out))
    }

    /// x · weightᵀ + bias for some panels of the weights: `out` is (rows, panels · [`PANEL`]).
    pub fn multiply(self, x: Rows, matrix: Matrix, panels: Range<usize>, out: &mut [f32]) {
        // The tiles read rows and panels by address; this is what they rely on.
        let inputs = matrix.panel_bytes() / PANEL;
        assert!(x.sums.len() == x.scales.len() && inputs <= x.stride && inputs.is_multiple_of(4));
        assert!(x.values.len() >= x.scales.len() * x.stride);
        call!(self, multiply(x, matrix, panels, out))
    }

    /// The nearest half of each finite value, the even one of two.
    pub fn narrow(self, values: &[f32], out: &mut [bf16]) {
        call!(self, narrow(values, out))
    }

    /// The largest value, -inf for none.
    pub fn maximum(self, values: &[f32]) -> f32 {
        call!(self, maximum(values))
    }

    /// Which of up to 64 values are greater than `bound`, the first of them in the lowest bit.
    pub fn above(self, values: &[f32], bound: f32) -> u64 {
        call!(self, above(values, bound))
    }

    /// Σ exp(x - offset).
    pub fn sum_exp(self, values: &[f32], offset: f32) -> f32 {
        call!(self, sum_exp(values, offset))
    }

    /// hidden = layer norm of (hidden + delta).
    pub fn add_norm(self, hidden: &mut [f32], delta: &[f32], gain: &[f32], bias: &[f32]) {
        call!(self, add_norm(hidden, delta, gain, bias))
    }

    /// x · sigmoid(x) for each.
    pub fn swish(self, values: &mut [f32]) {
        call!(self, swish(values))
    }

    /// max(x, 0) for each.
    pub fn relu(self, values: &mut [f32]) {
        call!(self, relu(values))
    }

    /// x · Φ(x) for each, within 1.5e-7 · |x|.
    pub fn gelu(self, values: &mut [f32]) {
        call!(self, gelu(values))
    }

    /// GELU by its tanh approximation, for each.
    pub fn gelu_tanh(self, values: &mut [f32]) {
        call!(self, gelu_tanh(values))
    }

    /// Attention of one query (width) over its past: rows `slots` of `past`, each a key and a value (2 · width).
    ///
    /// `scores` is scratch of heads · positions, padded to a multiple of [`POSITIONS`].
    pub fn attend_past(
        self,
        query: &[f32],
        past: &[bf16],
        slots: &[u32],
        heads: usize,
        scores: &mut [f32],
        out: &mut [f32],
    ) {
        call!(self, attend_past(query, past, slots, heads, scores, out))
    }

    /// Attention of some queries, `query_stride` apart, over a source; `out` is (queries, width).
    ///
    /// `scores` is scratch of [`QUERIES`] · the source's stride.
    pub fn attend_source(
        self,
        queries: &[f32],
        query_stride: usize,
        source: Source,
        scores: &mut [f32],
        out: &mut [f32],
    ) {
        call!(self, attend_source(queries, query_stride, source, scores, out))
    }
}

#[cfg(test)]
mod tests;
