//! What the benchmarks measure with. Out: processor time of this process, and the middle of several measurements.

/// Processor time of all threads so far (Linux: fields 14 and 15 of /proc/self/stat, in hundredths of a second).
pub fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let ticks: f64 = text.rsplit(')').next()?.split_whitespace().skip(11).take(2).flat_map(str::parse::<f64>).sum();
    Some(ticks / 100.0)
}

/// The lowest, the middle and the highest, where there are any.
pub fn spread(values: &mut [f64]) -> Option<(f64, f64, f64)> {
    values.sort_by(f64::total_cmp);
    Some((*values.first()?, values[values.len() / 2], *values.last()?))
}
