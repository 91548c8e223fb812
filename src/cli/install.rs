//! `signet install`: the program, its units, its config and its folders, put into the root of a firmware image.
//!
//! Units and scripts are compiled in, so that a binary and its units are of one version; manual pages and completions are made
//! here.
//! Every path is resolved inside the image: an absolute link in it leads to the image's own file, never to the build machine's.

mod image;
mod in_root;
mod init;
mod kind;
mod ports;

use super::error::CliError;
use super::how::{Change, How};
use super::json;
use super::manual::{self, Shell};
use super::output::Text;
use crate::cli::messages::DRY_RUN;
use crate::cli::messages::provision as say;
use image::Image;
use init::Shipped;
use kind::Init;
use ports::{Port, Ports};
use serde::Serialize;
use signet_app::config::Config;
use std::borrow::Cow;
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

/// Options of `install`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  signet install --root build/rootfs\n  signet install --root build/rootfs --port none\n  signet install --root build/rootfs --init busybox"
)]
pub struct Args {
    /// The root of the image: the folder that becomes its file system.
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Port of the console, or none: the ports are the device's web server's, which reaches the console by the Unix socket
    /// /run/signet/signet.sock.
    #[arg(long, value_name = "PORT", default_value = "443")]
    port: Port,
    /// Port where plain HTTP is redirected to the console, or none: that socket is not enabled.
    #[arg(long, value_name = "PORT", default_value = "none")]
    redirect_port: Port,
    /// Group that may use the Unix socket of --port none: the web server's [default: www-data].
    #[arg(long, value_name = "GROUP", value_parser = ports::group)]
    socket_group: Option<String>,
    /// What starts services: systemd, or an init system that runs scripts [default: what the image has, else systemd].
    #[arg(long, value_name = "INIT")]
    init: Option<Init>,
    /// Say what would be made or replaced, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

const BINARY: &str = "usr/bin/signet";
const CONFIG: &str = "etc/signet/signet.toml";

/// Where shells look for completions.
const COMPLETIONS: [(&str, Shell); 3] = [
    ("usr/share/bash-completion/completions/signet", Shell::Bash),
    ("usr/share/zsh/site-functions/_signet", Shell::Zsh),
    ("usr/share/fish/vendor_completions.d/signet.fish", Shell::Fish),
];

/// What a build leaves beside the program, if it is there: what is linked in, as a list (SBOM) and with its licences.
const BESIDE: [&str; 2] = ["sbom.cdx.json", "LICENSES.txt"];

/// Where it goes.
const PAPERS: &str = "usr/share/doc/signet";

/// The largest of them, bytes.
const MOST: u64 = 4 * 1024 * 1024;

/// Where `man` looks for pages.
const PAGES: &str = "usr/share/man/man1";

/// What became of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Became {
    Made,
    Replaced,
    Same,
    Kept,
    Removed,
}

impl Became {
    fn changes(self) -> bool {
        matches!(self, Self::Made | Self::Replaced | Self::Removed)
    }
}

#[derive(Debug, Serialize)]
struct Report {
    path: String,
    mode: String,
    became: Became,
}

/// The same for programs.
#[derive(Serialize)]
struct JsonReport<'a> {
    #[serde(flatten)]
    change: Change,
    #[serde(flatten)]
    report: &'a Report,
}

/// Installs.
pub fn run(args: &Args, how: &How) -> Result<ExitCode, CliError> {
    let ports = Ports::new(args.port, args.redirect_port, args.socket_group.as_deref())?;
    let image = Image::open(&args.root, args.dry_run)?;
    let init = args.init.unwrap_or_else(|| Init::of(&image));
    let program = std::env::current_exe().and_then(std::fs::read);
    let program =
        program.map_err(|source| CliError::Unreadable { field: "root", path: "/proc/self/exe".into(), source })?;
    let reports = put(&image, &program, init, &ports)?;
    if how.json {
        let each = reports
            .iter()
            .map(|report| JsonReport { change: Change::of(args.dry_run, report.became.changes()), report });
        json::print_all(&each.collect::<Vec<_>>())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = Text::new();
    for Report { path, mode, became } in &reports {
        let word = match became {
            Became::Made => "made",
            Became::Replaced => "replaced",
            Became::Same => "unchanged",
            Became::Kept => "kept",
            Became::Removed => "removed",
        };
        text.line(format_args!("{word:<9}  {mode}  {path}"));
    }
    if args.dry_run {
        text.line(DRY_RUN);
        how.say(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    for line in say::installed(init == Init::Systemd) {
        text.line(line);
    }
    how.say(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Puts everything into the image; says what became of each path.
fn put(image: &Image, program: &[u8], init: Init, ports: &Ports) -> Result<Vec<Report>, CliError> {
    let mut reports = Vec::new();
    image.file(BINARY, program, 0o755, false, &mut reports)?;
    for Shipped { path, text, mode, keep } in init.files() {
        let text: Cow<'_, str> = ports.in_file(path, text, init);
        image.file(path, text.as_bytes(), *mode, *keep, &mut reports)?;
    }
    for (name, text) in papers() {
        image.file(&format!("{PAPERS}/{name}"), &text, 0o644, false, &mut reports)?;
    }
    for (path, shell) in COMPLETIONS {
        image.file(path, &manual::script(shell), 0o644, false, &mut reports)?;
    }
    for (name, page) in manual::pages() {
        image.file(&format!("{PAGES}/{name}"), &page, 0o644, false, &mut reports)?;
    }
    if let Some(command) = command_of(image) {
        image.link(&format!("usr/bin/{command}"), "signet", &mut reports)?;
    }
    for (path, target) in init.links(image, ports) {
        image.link(path, target, &mut reports)?;
    }
    for (path, target) in init.unwanted(ports) {
        image.unlink(path, target, &mut reports)?;
    }
    Ok(reports)
}

/// What the vendor calls the program in commands that pages show, by the image's configuration. One that is wrong is for
/// `signet check` to find.
fn command_of(image: &Image) -> Option<String> {
    let config = Config::parse(&image.text(CONFIG, Config::MOST)?).ok()?;
    config.brand.map(|brand| brand.command).filter(|command| format!("usr/bin/{command}") != BINARY)
}

/// Lists and licences of this build.
fn papers() -> Vec<(&'static str, Vec<u8>)> {
    let folder = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
    let read = |name: &'static str| {
        let mut text = Vec::new();
        let file = std::fs::File::open(folder.as_ref()?.join(name)).ok()?;
        let length = file.take(MOST + 1).read_to_end(&mut text).ok()?;
        (length as u64 <= MOST).then_some((name, text))
    };
    BESIDE.into_iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests;
