//! What connections inherit from the socket that they come in by.
//!
//! A connection that comes before its listener has these options goes without them. So they are set before `listen`, and at
//! once where systemd hands a socket over, whose unit sets `NoDelay=` for those that came earlier.

use socket2::SockRef;
use std::os::fd::AsFd;

/// What the kernel may hold of what a visitor sends and we have not read, and of what we sent and they have not; it takes twice
/// that for its own bookkeeping (socket(7)).
const RECEIVED: usize = 32 * 1024;
const SENT: usize = 32 * 1024;

/// Sets them at a TCP socket.
pub(super) fn set_tcp(listener: &impl AsFd) {
    // Answers are written whole; waiting to fill a segment only delays them, by 40 ms after a handshake.
    let _ = SockRef::from(listener).set_tcp_nodelay(true);
    set_buffers(listener);
}

/// Sets those that a Unix socket has as well. Without these options connections work, too: the kernel's own buffers would grow
/// to several MiB for one that is not read, and those of one that was not accepted yet count as well.
pub(super) fn set_buffers(listener: &impl AsFd) {
    let socket = SockRef::from(listener);
    let _ = socket.set_recv_buffer_size(RECEIVED);
    let _ = socket.set_send_buffer_size(SENT);
}
