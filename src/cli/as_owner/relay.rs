//! Root's side of a command that runs as the owner: it holds the terminal, hands on what goes in and out, and signals.
//!
//! Output is escaped on its way. Input is read when the command asks for it, a line at a time, so that what is typed ahead
//! is the shell's. Descriptors that lead to no terminal are the command's as they are.

use super::escape::Escaper;
use super::hand::{self, Files};
use crate::cli::terminal::{self, COLUMNS, FILES, STARTED_BY, Standard};
use rustix::process::{Pid, Signal, getpid, kill_process};
use signet_net::notify;
use std::fs::File;
use std::io::{self, IsTerminal, PipeReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, ExitStatus};
use std::sync::Arc;
use tokio::net::unix::pipe;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

/// Runs `command`, which becomes the owner by itself, to its end; it may ask for the `files` of its command line.
pub(super) fn run(command: Command, files: Files) -> io::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let code = runtime.block_on(supervise(command, files));
    // A read from the terminal may be under way that nobody needs any more.
    runtime.shutdown_background();
    code
}

async fn supervise(mut command: Command, files: Files) -> io::Result<ExitCode> {
    let relays = Relays::between(&mut command, &files)?;
    let mut child = command.spawn()?;
    // It holds the command's ends of the pipes.
    drop(command);
    // Before the child is ready: systemd hears no other process than the main one.
    notify::main_process(child.id());
    // Only now, since a child inherits which signals are ignored. One that ends this process before ends the child, too.
    let mut signals = Signals::new()?;
    let mut ended = signal(SignalKind::child())?;
    let (end, until) = watch::channel(false);
    let showing: Vec<_> = relays.outputs.into_iter().map(|relay| tokio::spawn(show(relay, until.clone()))).collect();
    if let Some(socket) = relays.input {
        // It waits for the terminal and the disk, and nobody waits for it.
        std::thread::spawn(move || hand::serve(&socket, &files));
    }
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        tokio::select! {
            _ = ended.recv() => {}
            // It has not been waited for, so the number is still the child's.
            caught = signals.next() => pass(caught, &child),
        }
    };
    let _ = end.send(true);
    // A terminal that takes no more must not keep this process: any signal ends it.
    tokio::select! {
        () = all(showing) => {}
        _ = signals.next() => {}
    }
    Ok(exit_code(status))
}

/// What this process relays of the three standard descriptors.
#[derive(Default)]
struct Relays {
    input: Option<UnixStream>,
    outputs: Vec<Output>,
}

struct Output {
    pipe: pipe::Receiver,
    terminal: Arc<File>,
}

impl Relays {
    /// Puts a relay between `command` and each standard descriptor that is a terminal.
    fn between(command: &mut Command, files: &Files) -> io::Result<Self> {
        let mut relays = Self::default();
        let mut relayed = String::new();
        let is_terminal = io::stdin().is_terminal();
        if is_terminal || !files.is_empty() {
            let (ours, theirs) = UnixStream::pair()?;
            relays.input = Some(ours);
            command.stdin(OwnedFd::from(theirs));
            relayed.push(FILES);
        }
        if is_terminal {
            relayed.push(Standard::Input.digit());
        }
        let (out, err) = (io::stdout(), io::stderr());
        let is_shared = out.is_terminal() && err.is_terminal() && is_same(&out, &err)?;
        if out.is_terminal() {
            let (pipe, writer) = io::pipe()?;
            relays.outputs.push(Output::new(pipe, &out)?);
            if is_shared {
                // One pipe keeps the order of what is written to one terminal.
                command.stderr(writer.try_clone()?);
                relayed.push(Standard::Error.digit());
            }
            command.stdout(writer);
            relayed.push(Standard::Output.digit());
        }
        if err.is_terminal() && !is_shared {
            let (pipe, writer) = io::pipe()?;
            relays.outputs.push(Output::new(pipe, &err)?);
            command.stderr(writer);
            relayed.push(Standard::Error.digit());
        }
        command.env(STARTED_BY, format!("{}:{relayed}", getpid().as_raw_nonzero()));
        if let Some(columns) = terminal::width() {
            command.env(COLUMNS, columns.to_string());
        }
        Ok(relays)
    }
}

impl Output {
    fn new(pipe: PipeReader, terminal: &impl AsFd) -> io::Result<Self> {
        let terminal = Arc::new(File::from(terminal.as_fd().try_clone_to_owned()?));
        Ok(Self { pipe: pipe::Receiver::from_owned_fd(OwnedFd::from(pipe))?, terminal })
    }
}

fn is_same(one: &impl AsFd, other: &impl AsFd) -> io::Result<bool> {
    Ok(rustix::fs::fstat(one)?.st_rdev == rustix::fs::fstat(other)?.st_rdev)
}

/// Shows what the command writes until it has ended and the pipe is empty. A terminal that is gone closes the pipe, so that
/// the command learns of it.
async fn show(output: Output, mut end: watch::Receiver<bool>) {
    let mut escaper = Escaper::default();
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let has_ended = *end.borrow();
        // After the end whatever is in the pipe is read at once: nobody else need close it.
        let read = match has_ended {
            true => rustix::io::read(&output.pipe, &mut bytes).map_err(io::Error::from),
            false => output.pipe.try_read(&mut bytes),
        };
        match read {
            Ok(0) => break,
            Ok(count) => {
                let shown = escaper.shown(bytes.get(..count).unwrap_or_default());
                if write(&output.terminal, shown).await.is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && !has_ended => {
                tokio::select! {
                    ready = output.pipe.readable() => if ready.is_err() { break },
                    _ = end.changed() => {}
                }
            }
            Err(_) => break,
        }
    }
    let _ = write(&output.terminal, escaper.rest()).await;
}

/// In a thread of its own: a terminal may be stopped (Ctrl-S), and signals must be handed on all the same.
async fn write(terminal: &Arc<File>, bytes: Vec<u8>) -> io::Result<()> {
    let terminal = Arc::clone(terminal);
    spawn_blocking(move || terminal.as_ref().write_all(&bytes)).await?
}

/// The signals by which people, shells and service managers end or reload a command.
struct Signals {
    hangup: Stream,
    interrupt: Stream,
    quit: Stream,
    terminate: Stream,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hangup.recv() => Signal::HUP,
            _ = self.interrupt.recv() => Signal::INT,
            _ = self.quit.recv() => Signal::QUIT,
            _ = self.terminate.recv() => Signal::TERM,
        }
    }
}

fn pass(caught: Signal, child: &Child) {
    // One that has just ended needs none.
    let _ = kill_process(Pid::from_child(child), caught);
}

async fn all(tasks: Vec<JoinHandle<()>>) {
    for task in tasks {
        let _ = task.await;
    }
}

/// As shells have it: 128 and the signal, where one ended it.
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}
