//! Speed of every kernel of this machine: integer matrix products and the f32 operations around them, one thread.
//!
//! ```text
//! cargo bench --bench kernels
//! ```
#![allow(clippy::print_stdout)]

use std::time::Instant;

use half::bf16;
use translate::engine::kernel::{Kernel, Matrix, PANEL, Rows, Source, packed_len};

/// The fastest of some runs, in seconds: what the machine can do when it is left alone.
fn fastest(mut run: impl FnMut()) -> f64 {
    let times = (0..7).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

fn main() {
    for kernel in Kernel::available().into_iter().rev() {
        if kernel == Kernel::PORTABLE {
            continue;
        }
        println!("{}", kernel.name());
        for (outputs, inputs) in [(1536, 512), (512, 512), (2048, 512), (512, 2048), (58112, 512)] {
            let panels = vec![129u8; packed_len(outputs, inputs)];
            let (scales, weight_sums, bias) = (vec![1.0; outputs], vec![inputs as i32; outputs], vec![0.0; outputs]);
            let matrix = Matrix { panels: &panels, scales: &scales, sums: &weight_sums, bias: &bias };
            for rows in [1, 4, 12, 32, 128] {
                let values = vec![1i8; rows * inputs];
                let (row_scales, sums) = (vec![1.0; rows], vec![inputs as i32; rows]);
                let x = Rows { values: &values, stride: inputs, scales: &row_scales, shift: 0, sums: &sums };
                let mut out = vec![0f32; rows * 4 * PANEL];
                let times = 1 + 20_000_000 / (rows * outputs * inputs);
                let seconds = fastest(|| {
                    for _ in 0..times {
                        for first in (0..outputs / PANEL).step_by(4) {
                            let panels = first..(first + 4).min(outputs / PANEL);
                            kernel.multiply(x, matrix, panels, &mut out);
                        }
                    }
                });
                let products = (times * rows * outputs * inputs) as f64;
                println!(
                    "  {outputs:5} x {inputs:4}, {rows:3} rows: {:6.1} G multiply-adds/s, {:5.1} GB/s",
                    products / seconds / 1e9,
                    (times * outputs * inputs) as f64 / seconds / 1e9
                );
            }
        }
        let each = |name: &str, values: usize, run: &mut dyn FnMut()| {
            let seconds = fastest(|| (0..100).for_each(|_| run())) / 100.0;
            println!("  {name}: {:.2} us, {:.2} values/ns", seconds * 1e6, values as f64 / seconds / 1e9);
        };
        let row: Vec<f32> = (0..2048).map(|i| (i % 97) as f32 / 50.0 - 1.0).collect();
        let (mut integers, mut values) = (vec![0i8; 2048], row.clone());
        each("quantise 512", 512, &mut || assert!(kernel.quantise(&row[..512], 0, &mut integers).0 > 0.0));
        each("swish 2048", 2048, &mut || kernel.swish(&mut values));
        each("add_norm 512", 512, &mut || kernel.add_norm(&mut values[..512], &row, &row, &row));
        each("maximum 256", 256, &mut || assert!(kernel.maximum(&row[..256]) < 9.0));
        each("sum_exp 256", 256, &mut || assert!(kernel.sum_exp(&row[..256], 1.0) > 0.0));
        let past: Vec<bf16> = row.iter().map(|&x| bf16::from_f32(x)).cycle().take(24 * 1024).collect();
        let slots: Vec<u32> = (0..24).collect();
        let (mut scores, mut out) = (vec![0f32; 8 * 32], vec![0f32; 512]);
        each("attend_past 24 x 512", 24 * 1024, &mut || {
            kernel.attend_past(&row[..512], &past, &slots, 8, &mut scores, &mut out);
        });
        let source = Source { keys: &past[..32 * 512], values: &past[..24 * 512], count: 24, heads: 8 };
        each("attend_source 24 x 512", 24 * 1024, &mut || {
            kernel.attend_source(&row[..512], 512, source, &mut scores, &mut out);
        });
    }
}
