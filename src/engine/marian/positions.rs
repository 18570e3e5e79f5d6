//! The table of positions, which Marian computes instead of storing it.
//!
//! In: its size. Out: the numbers. No tensors here.

/// Sinusoids with all sines in the first half and all cosines in the second (`MarianSinusoidalPositionalEmbedding`);
/// (count, width).
pub fn sinusoids(count: usize, width: usize) -> Vec<f32> {
    let sines = width.div_ceil(2);
    let pair = |column: usize| if column < sines { column } else { column - sines };
    let wavelengths: Vec<f64> =
        (0..width).map(|column| 10000f64.powf(2.0 * pair(column) as f64 / width as f64)).collect();
    let value = |position: usize, column: usize| {
        let angle = position as f64 / wavelengths[column];
        (if column < sines { angle.sin() } else { angle.cos() }) as f32
    };
    (0..count).flat_map(|position| (0..width).map(move |column| (position, column))).map(|(p, c)| value(p, c)).collect()
}
