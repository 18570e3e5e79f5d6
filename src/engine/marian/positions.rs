//! The table of positions, which Marian computes instead of storing it.
//!
//! In: its size. Out: the numbers. No tensors here.

/// Sinusoids with all sines in the first half and all cosines in the second (`MarianSinusoidalPositionalEmbedding`);
/// (count, width).
pub fn sinusoids(count: usize, width: usize) -> Vec<f32> {
    let sines = width.div_ceil(2);
    let value = |position: usize, column: usize| {
        let pair = if column < sines { column } else { column - sines };
        let angle = position as f64 / 10000f64.powf(2.0 * pair as f64 / width as f64);
        (if column < sines { angle.sin() } else { angle.cos() }) as f32
    };
    (0..count).flat_map(|position| (0..width).map(move |column| value(position, column))).collect()
}
