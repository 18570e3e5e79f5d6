//! Every kernel of this machine against the portable one, bit for bit, and the portable one against plain formulas.

use proptest::prelude::*;

use super::*;

/// Numbers from a small generator, so that shapes shrink and contents follow.
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed | 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1u32 << 23) as f32 - 1.0) * 3.0
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn products_are_exact_on_every_kernel(
        rows in 1usize..20, inputs in 1usize..70, outputs in 1usize..150, seed: u64,
        // The largest alone, of all sizes, hardly any large ones.
        power in prop_oneof![Just(0), Just(1), Just(9)],
        shift in prop_oneof![Just(0), Just(SHIFT)],
    ) {
        let mut number = numbers(seed);
        let stride = inputs.next_multiple_of(4);
        let mut integer = || {
            let x = number();
            ((x / 3.0).abs().powi(power) * 127.0).copysign(x) as i8
        };
        let mut values = vec![0i8; rows * stride];
        for row in values.chunks_exact_mut(stride) {
            row[..inputs].fill_with(&mut integer);
        }
        let weights: Vec<Vec<i8>> = (0..outputs).map(|_| (0..inputs).map(|_| integer()).collect()).collect();
        let mut panels = vec![128u8; packed_len(outputs, inputs)];
        for (output, weights) in weights.iter().enumerate() {
            pack(&mut panels, inputs, output, weights);
        }
        let padded = outputs.next_multiple_of(PANEL);
        let sums: Vec<i32> = values.chunks_exact(stride).map(|row| row.iter().map(|&x| i32::from(x)).sum()).collect();
        let mut weight_sums: Vec<i32> = weights.iter().map(|row| row.iter().map(|&w| i32::from(w)).sum()).collect();
        weight_sums.resize(padded, 0);
        let scales = vec![0.5; padded];
        let matrix = Matrix { panels: &panels, scales: &scales, sums: &weight_sums, bias: &vec![0.25; padded] };
        let x = Rows { values: &values, stride, scales: &vec![2.0; rows], shift, sums: &sums };
        for kernel in Kernel::available() {
            let mut out = vec![f32::NAN; rows * padded];
            kernel.multiply(x, matrix, 0..padded / PANEL, &mut out);
            for (row, out) in values.chunks_exact(stride).zip(out.chunks_exact(padded)) {
                for (output, weights) in weights.iter().enumerate() {
                    let sum: i32 = weights.iter().zip(row).map(|(&w, &x)| i32::from(w) * (i32::from(x) + shift)).sum();
                    prop_assert_eq!(out[output], sum as f32 + 0.25, "{}", kernel.name());
                }
                prop_assert!(out[outputs..].iter().all(|&x| x == 0.25));
            }
        }
    }

    #[test]
    fn f32_operations_are_equal_on_every_kernel(length in 1usize..100, shift in prop_oneof![Just(0), Just(SHIFT)], seed: u64) {
        let mut number = numbers(seed);
        let mut vector = || -> Vec<f32> { (0..length).map(|_| number()).collect() };
        let (row, delta, gain, bias) = (vector(), vector(), vector(), vector());
        let all = |kernel: Kernel| {
            let mut integers = vec![0i8; length];
            let (scale, sum) = kernel.quantise(&row, shift, &mut integers);
            let mut results = vec![scale, sum as f32, kernel.maximum(&row), kernel.sum_exp(&row, 1.5)];
            for chunk in row.chunks(64) {
                let expected = chunk.iter().rev().fold(0, |bits, &x| bits << 1 | u64::from(x > 0.5));
                assert_eq!(kernel.above(chunk, 0.5), expected, "{}", kernel.name());
            }
            // What is no number is neither the largest nor above anything.
            let mut broken = row.clone();
            broken[length / 2] = f32::NAN;
            results.extend([kernel.maximum(&broken), (kernel.above(&broken[..length.min(64)], -9.0)).count_ones() as f32]);
            assert!(!results.iter().any(|x| x.is_nan()), "{}", kernel.name());
            let mut halves = vec![bf16::ZERO; length];
            kernel.narrow(&row, &mut halves);
            assert!(halves.iter().zip(&row).all(|(&half, &x)| half == bf16::from_f32(x)), "{}", kernel.name());
            let mut hidden = row.clone();
            kernel.add_norm(&mut hidden, &delta, &gain, &bias);
            results.extend(hidden);
            for activation in [Kernel::swish, Kernel::relu, Kernel::gelu, Kernel::gelu_tanh] {
                let mut hidden = row.clone();
                activation(kernel, &mut hidden);
                results.extend(hidden);
            }
            (bits(&results), integers)
        };
        let expected = all(Kernel::PORTABLE);
        for kernel in Kernel::available() {
            prop_assert_eq!(&all(kernel), &expected, "{}", kernel.name());
        }
    }

    #[test]
    fn attention_is_softmax_of_scores_times_values(
        heads in 1usize..7, head in prop_oneof![1usize..40, Just(64)], count in 1usize..70, rows in 1usize..8, seed: u64,
    ) {
        let mut number = numbers(seed);
        let width = heads * head;
        let query: Vec<f32> = (0..width).map(|_| number()).collect();
        let past: Vec<bf16> = (0..count * 2 * width).map(|_| bf16::from_f32(number())).collect();
        let slots: Vec<u32> = (0..count as u32).rev().collect();
        let stride = count.next_multiple_of(POSITIONS);
        let (mut keys, mut values) = (vec![bf16::ZERO; width * stride], vec![bf16::ZERO; width * count]);
        for (place, &slot) in slots.iter().enumerate() {
            let (key, value) = past[slot as usize * 2 * width..][..2 * width].split_at(width);
            for (h, value) in value.chunks_exact(head).enumerate() {
                values[(h * count + place) * head..][..head].copy_from_slice(value);
            }
            for (input, &x) in key.iter().enumerate() {
                keys[input * stride + place] = x;
            }
        }
        let mut expected = vec![0f64; width];
        for h in 0..heads {
            let range = h * head..(h + 1) * head;
            let score = |place: usize| -> f64 {
                range.clone().map(|i| f64::from(query[i]) * f64::from(keys[i * stride + place])).sum()
            };
            let largest = (0..count).map(score).fold(f64::NEG_INFINITY, f64::max);
            let total: f64 = (0..count).map(|place| (score(place) - largest).exp()).sum();
            for place in 0..count {
                let weight = (score(place) - largest).exp() / total;
                for i in range.clone() {
                    expected[i] += weight * f64::from(values[h * count * head + place * head + i - range.start]);
                }
            }
        }
        let mut first: Option<(Vec<u32>, Vec<u32>)> = None;
        for kernel in Kernel::available() {
            let mut scores = vec![0f32; heads.max(QUERIES) * stride];
            let (mut own, mut source) = (vec![0f32; width], vec![0f32; rows * width]);
            let queries = query.repeat(rows);
            kernel.attend_past(&query, &past, &slots, heads, &mut scores, &mut own);
            let (keys, values) = (&keys[..], &values[..]);
            kernel.attend_source(&queries, width, Source { keys, values, count, heads }, &mut scores, &mut source);
            for (index, expected) in expected.iter().enumerate() {
                let (own, source) = (f64::from(own[index]), f64::from(source[index]));
                prop_assert!((own - expected).abs() < 1e-4, "{} {own} {expected}", kernel.name());
                prop_assert!((source - expected).abs() < 1e-4, "{} {source} {expected}", kernel.name());
            }
            for row in source.chunks_exact(width) {
                prop_assert_eq!(bits(row), bits(&source[..width]), "{} rows", rows);
            }
            let results = (bits(&own), bits(&source));
            prop_assert_eq!(first.get_or_insert_with(|| results.clone()), &results, "{}", kernel.name());
        }
    }

    #[test]
    fn exp_is_the_exponential(x in -87f32..88.0) {
        let expected = f64::from(x).exp();
        prop_assert!(((f64::from(portable::exp(x)) - expected) / expected).abs() < 3e-7);
    }

    #[test]
    fn activations_are_their_formulas(x in -20f32..20.0) {
        let of = |activation: fn(Kernel, &mut [f32])| {
            let mut value = [x];
            activation(Kernel::PORTABLE, &mut value);
            f64::from(value[0])
        };
        let y = f64::from(x);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6 * (1.0 + y.abs());
        prop_assert!(close(of(Kernel::swish), y / (1.0 + (-y).exp())));
        let tanh = (0.797_884_560_802_865 * (y + 0.044715 * y * y * y)).tanh();
        prop_assert!(close(of(Kernel::gelu_tanh), 0.5 * y * (1.0 + tanh)));
        // Φ by Simpson's rule from 0 to x.
        let density = |t: f64| (-t * t / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let (steps, width) = (2000, y / 2000.0);
        let sum: f64 = (0..steps)
            .map(|i| {
                let a = i as f64 * width;
                (density(a) + 4.0 * density(a + width / 2.0) + density(a + width)) * width / 6.0
            })
            .sum();
        prop_assert!(close(of(Kernel::gelu), y * (0.5 + sum)));
    }
}

#[test]
fn quantising_keeps_the_largest_and_rounds_to_even() {
    let mut integers = [0i8; 5];
    let (scale, sum) = Kernel::PORTABLE.quantise(&[12.7, -12.7, 0.05, 0.15, 0.0], 0, &mut integers);
    assert_eq!(integers, [127, -127, 0, 2, 0]);
    assert_eq!(sum, 2);
    assert!((scale - 0.1).abs() < 1e-7);
    assert_eq!(Kernel::PORTABLE.quantise(&[0.0; 5], 0, &mut integers), (0.0, 0));
}

#[test]
fn shifted_integers_have_more_steps_above_zero() {
    let mut integers = [0i8; 4];
    let (scale, sum) = Kernel::PORTABLE.quantise(&[17.5, 0.0, -0.3, 5.0], SHIFT, &mut integers);
    assert_eq!(integers, [127, -48, -51, 2]);
    assert_eq!(sum, 30);
    assert!((scale - 0.1).abs() < 1e-7);
    // What lies below zero has its room, too.
    let (scale, _) = Kernel::PORTABLE.quantise(&[1.0, -7.9, 0.0, 0.1], SHIFT, &mut integers);
    assert_eq!(integers, [-38, -127, -48, -47]);
    assert!((scale - 0.1).abs() < 1e-7);
    let (scale, sum) = Kernel::PORTABLE.quantise(&[0.0; 4], SHIFT, &mut integers);
    assert_eq!((scale, sum, integers), (0.0, -4 * SHIFT, [-48; 4]));
}

/// Bytes are multiplied in pairs that must not overflow: every pair of inputs with the largest weights.
#[test]
fn every_pair_of_inputs_is_exact() {
    let pairs = (-127..=127).flat_map(|a| (-127..=127).map(move |b| [a, b, 0, 0]));
    let values: Vec<[i8; 4]> = pairs.collect();
    let sums: Vec<i32> = values.iter().map(|&[a, b, ..]| i32::from(a) + i32::from(b)).collect();
    let mut panels = vec![128u8; packed_len(3, 4)];
    let weights = [[127; 4], [-127; 4], [127, -127, 127, -127]];
    for (output, weights) in weights.iter().enumerate() {
        pack(&mut panels, 4, output, weights);
    }
    let matrix = Matrix { panels: &panels, scales: &[1.0; PANEL], sums: &[0; PANEL], bias: &[0.0; PANEL] };
    let scales = vec![1.0; sums.len()];
    let x = Rows { values: values.as_flattened(), stride: 4, scales: &scales, shift: 0, sums: &sums };
    for kernel in Kernel::available() {
        let mut out = vec![f32::NAN; sums.len() * PANEL];
        kernel.multiply(x, matrix, 0..1, &mut out);
        for (&[a, b, ..], out) in values.iter().zip(out.chunks_exact(PANEL)) {
            for (&[w, v, ..], &out) in weights.iter().zip(out) {
                let exact = i32::from(w) * i32::from(a) + i32::from(v) * i32::from(b);
                assert_eq!(out, exact as f32, "{} {a} {b} {w} {v}", kernel.name());
            }
        }
    }
}
