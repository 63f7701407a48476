//! Running a program and reading from `/proc` what it took.

use anyhow::{Context, Result, bail};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What a program took. Processor time comes in hundredths of a second.
pub(super) struct Took {
    pub(super) wall: Duration,
    pub(super) cpu: Duration,
    /// Largest resident memory that was seen, in bytes. It is looked at every few milliseconds, so a rise in the last
    /// of them may be missed; absent if the program ended before the first look.
    pub(super) peak_memory_bytes: Option<u64>,
    pub(super) exit_code: i32,
}

/// How often memory is looked at. The kernel keeps the largest value itself.
const LOOK_EVERY: Duration = Duration::from_millis(3);

/// Runs a program to its end, without input and with its output thrown away.
///
/// # Errors
/// When it cannot be started, or processor times cannot be read.
pub(super) fn run(command: &mut Command) -> Result<Took> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let cpu_before = cpu_of_ended_children()?;
    let begin = Instant::now();
    let mut child = command.spawn().context("start the program to measure")?;
    let status_file = format!("/proc/{}/status", child.id());
    let (has_ended, peak_kib) = (AtomicBool::new(false), AtomicU64::new(0));
    let (ended, wall) = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !has_ended.load(Ordering::Relaxed) {
                let status = std::fs::read_to_string(&status_file).unwrap_or_default();
                peak_kib.fetch_max(high_water_mark_kib(&status).unwrap_or_default(), Ordering::Relaxed);
                std::thread::sleep(LOOK_EVERY);
            }
        });
        let ended = child.wait();
        let wall = begin.elapsed();
        has_ended.store(true, Ordering::Relaxed);
        (ended, wall)
    });
    let exit_code = ended.context("wait for the program to measure")?.code().unwrap_or(-1);
    let cpu = cpu_of_ended_children()?.saturating_sub(cpu_before);
    let peak_kib = peak_kib.into_inner();
    Ok(Took { wall, cpu, peak_memory_bytes: (peak_kib > 0).then_some(1024 * peak_kib), exit_code })
}

/// The largest resident memory in a process's status.
fn high_water_mark_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Processor time of all children that were waited for, with theirs.
fn cpu_of_ended_children() -> Result<Duration> {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else {
        bail!("read processor times: this system has no /proc/self/stat");
    };
    cpu_of_children(&stat).context("read processor times: /proc/self/stat has another form")
}

/// Fields 16 and 17 of `proc_pid_stat(5)`, `cutime` and `cstime`, in ticks: Linux shows a hundred a second on all
/// platforms that this program is made for.
fn cpu_of_children(stat: &str) -> Option<Duration> {
    // The second field is the program's name in parentheses, which may hold blanks and parentheses.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_tells_is_read() {
        assert_eq!(high_water_mark_kib("Name:\tx\nVmHWM:\t   12345 kB\nVmRSS:\t1 kB\n"), Some(12_345));
        assert_eq!(high_water_mark_kib("State:\tZ (zombie)\n"), None);
        let stat = "42 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 150 50 20 0 1";
        assert_eq!(cpu_of_children(stat), Some(Duration::from_secs(2)));
        assert_eq!(cpu_of_children("nothing"), None);
    }

    #[test]
    fn a_program_that_works_takes_processor_time_and_memory() {
        let script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 3";
        let took = run(Command::new("sh").args(["-c", script])).expect("a shell");
        assert_eq!(took.exit_code, 3);
        assert!(took.cpu >= Duration::from_millis(10) && took.wall >= Duration::from_millis(10));
        assert!(took.peak_memory_bytes.is_some_and(|bytes| bytes > 100_000), "{:?}", took.peak_memory_bytes);
    }
}
